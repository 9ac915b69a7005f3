urlpatterns = []; app_name='moderation'
