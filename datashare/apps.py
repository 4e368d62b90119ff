"""The app's registration."""

from django.apps import AppConfig


class DatashareConfig(AppConfig):
    name = "datashare"
    verbose_name = "数据共享"
