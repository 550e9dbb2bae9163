"""The service partner's place."""

from django.urls import path

from orders.views import protocol, team, work

urlpatterns = [
    path("", work.today, name="work"),
    path("worker.js", protocol.worker, name="work-worker"),
    path("offers/", work.offers, name="work-offers"),
    path("done/", work.done, name="work-done"),
    path("done/<int:pk>/", work.paper, name="work-paper"),
    path("done/<int:pk>/correct/", protocol.correct, name="work-correct"),
    path("team/", team.team, name="work-team"),
    path("team/<int:pk>/", team.member, name="work-member"),
    path("team/<int:pk>/leave/", team.leave, name="work-leave"),
    path("team/invitations/<int:pk>/withdraw/", team.withdraw, name="work-invitation-withdraw"),
    path("<int:pk>/", work.order, name="work-order"),
    path("<int:pk>/accept/", work.accept, name="work-accept"),
    path("<int:pk>/decline/", work.decline, name="work-decline"),
    path("<int:pk>/give-back/", work.give_back, name="work-give-back"),
    path("<int:pk>/hand-over/", work.hand_over, name="work-hand-over"),
    path("<int:pk>/ask/", work.ask, name="work-ask"),
    path("<int:pk>/times/", work.times, name="work-times"),
    path("<int:pk>/agree/", work.agree, name="work-agree"),
    path("<int:pk>/pick/", work.pick, name="work-pick"),
    path("<int:pk>/begin/", work.begin, name="work-begin"),
    path("<int:pk>/interrupt/", work.interrupt, name="work-interrupt"),
    path("<int:pk>/protocol/", protocol.overview, name="work-protocol"),
    path("<int:pk>/protocol/<int:group>/", protocol.part, name="work-part"),
    path("<int:pk>/protocol/drop/", protocol.drop, name="work-drop"),
    path("<int:pk>/sign/", protocol.sign, name="work-sign"),
]
