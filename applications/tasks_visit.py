"""Periodic work around tasks: reminders, and the to-dos of desks that live elsewhere."""

from celery import shared_task

from applications import task_reminders, todos
from core import clock


@shared_task
def remind_of_tasks() -> None:
    """Reminds desks and their leads (到期提醒)."""
    task_reminders.sweep(clock.today())


@shared_task
def settle_todos() -> None:
    """Brings 浙政钉 in line with the tasks."""
    todos.settle()
