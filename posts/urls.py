urlpatterns = []; app_name='posts'
