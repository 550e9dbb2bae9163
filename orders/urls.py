"""Orders."""

from django.urls import path

from orders import views

urlpatterns = [
    path("orders/", views.orders, name="orders"),
    path("orders/<int:pk>/", views.order, name="order"),
    path("orders/<int:pk>/answer/", views.answer, name="proof-answer"),
    path("orders/<int:pk>/withdraw/", views.withdraw, name="proof-withdraw"),
    path("devices/<int:pk>/proof/", views.new_proof, name="proof-new"),
]
