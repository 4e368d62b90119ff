"""Addresses of the import of the stock."""

from django.urls import path

from renewal.views import stock

urlpatterns = [
    path("office/stock/", stock.index, name="office_stock"),
    path("office/stock/template.xlsx", stock.template, name="office_stock_template"),
    path("office/stock/<int:pk>/", stock.detail, name="office_stock_import"),
    path("office/stock/<int:pk>/mapping/", stock.mapping, name="office_stock_mapping"),
    path("office/stock/<int:pk>/progress/", stock.progress, name="office_stock_progress"),
    path("office/stock/<int:pk>/faults.csv", stock.faults, name="office_stock_faults"),
    path("office/stock/<int:pk>/do/<slug:step>/", stock.step, name="office_stock_step"),
    path("office/stock/household/<int:pk>/", stock.entry, name="office_stock_entry"),
]
