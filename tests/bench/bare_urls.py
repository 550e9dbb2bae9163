"""The one page of the bare Django."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path

from devices.models import Device


@login_required
def rows(request: HttpRequest) -> HttpResponse:
    devices = Device.objects.filter(site__customer__memberships__user=request.user).select_related("site")[:25]
    return render(request, "rows.html", {"devices": devices})


urlpatterns = [path("", rows)]
