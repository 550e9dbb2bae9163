from django.urls import path

from portal.files import views

urlpatterns = [
    path("files/<uuid:pk>/", views.document, name="document"),
    path("files/<uuid:pk>/page/<int:number>.png", views.document_page, name="document-page"),
]
