"""首页与帮助: the pages before anybody signs in."""

from django.shortcuts import render

from accounts.access import public


@public
def home(request):
    """首页: four doors and a telephone number."""
    return render(request, "public/home.html")


@public
def help_page(request):
    """帮助: plain policy, offices, hours, phones."""
    return render(request, "public/help.html")
