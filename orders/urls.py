"""Orders."""

from django.urls import include, path

from orders.views import ordering, owner, proofs, visits

urlpatterns = [
    path("work/", include("orders.work_urls")),
    path("orders/", owner.orders, name="orders"),
    path("orders/new/", ordering.new, name="order-new"),
    path("orders/choices/", ordering.choices, name="order-choices"),
    path("orders/<int:pk>/", owner.order, name="order"),
    path("orders/<int:pk>/continue/", ordering.go_on, name="order-continue"),
    path("orders/<int:pk>/what/", ordering.what, name="order-what"),
    path("orders/<int:pk>/answers/", ordering.answers, name="order-answers"),
    path("orders/<int:pk>/wishes/", ordering.wishes, name="order-wishes"),
    path("orders/<int:pk>/check/", ordering.check, name="order-check"),
    path("orders/<int:pk>/change/", owner.change, name="order-change"),
    path("orders/<int:pk>/cancel/", owner.cancel, name="order-cancel"),
    path("orders/<int:pk>/reply/", owner.reply, name="order-reply"),
    path("orders/<int:pk>/visit/pick/", visits.pick, name="visit-pick"),
    path("orders/<int:pk>/visit/others/", visits.others, name="visit-others"),
    path("orders/<int:pk>/visit/move/", visits.move, name="visit-move"),
    path("orders/<int:pk>/visit.ics", visits.calendar, name="order-calendar"),
    path("orders/<int:pk>/answer/", proofs.answer, name="proof-answer"),
    path("orders/<int:pk>/withdraw/", proofs.withdraw, name="proof-withdraw"),
    path("visits/<str:token>/", visits.by_link, name="visit-answer"),
    path("visits/<str:token>/visit.ics", visits.calendar_by_link, name="visit-calendar"),
    path("protocols/<int:pk>/", owner.protocol, name="protocol"),
    path("devices/<int:pk>/proof/", proofs.new_proof, name="proof-new"),
    path("devices/<int:pk>/order/<slug:code>/", ordering.service, name="order-service"),
]
