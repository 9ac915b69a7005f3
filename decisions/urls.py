from django.urls import path

from decisions.views.asking import AskView
from decisions.views.guests import ByLinkView, InvitationOptOutView, InviteView, WithdrawView
from decisions.views.reading import DecisionDetailView, DecisionListView
from decisions.views.settling import CloseView, OutcomeView, ReviewView, StageView
from decisions.views.taking_part import PositionView, VoteView

app_name = "decisions"

urlpatterns = [
    path("decisions/", DecisionListView.as_view(), name="decision-list"),
    path("decisions/new/poll/", AskView.as_view(kind="poll"), name="poll-create"),
    path("decisions/new/proposal/", AskView.as_view(kind="proposal"), name="proposal-create"),
    path("decisions/by-link/<str:token>/", ByLinkView.as_view(), name="by-link"),
    path("decisions/by-link/<str:token>/no-more/", InvitationOptOutView.as_view(), name="no-more"),
    path("decisions/<slug:key>/", DecisionDetailView.as_view(), name="decision-detail"),
    path("decisions/<slug:key>/vote/", VoteView.as_view(), name="vote"),
    path("decisions/<slug:key>/position/", PositionView.as_view(), name="position"),
    path("decisions/<slug:key>/stage/", StageView.as_view(), name="stage"),
    path("decisions/<slug:key>/close/", CloseView.as_view(), name="close"),
    path("decisions/<slug:key>/outcome/", OutcomeView.as_view(), name="outcome"),
    path("decisions/<slug:key>/invite/", InviteView.as_view(), name="invite"),
    path("decisions/<slug:key>/withdraw/", WithdrawView.as_view(), name="withdraw"),
    path("decisions/<slug:key>/review/", ReviewView.as_view(), name="review"),
]
