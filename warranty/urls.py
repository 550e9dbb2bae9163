"""Addresses of the warranty app."""

from django.urls import path

from warranty import views

urlpatterns = [
    path("warranty/check/<str:code>/", views.check, name="warranty-check"),
]
