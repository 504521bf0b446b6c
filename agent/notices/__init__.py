"""Who is told of alerts: programs by signed webhooks, people by e-mail and messengers; none lost, none twice."""

from agent.notices.books import AlertBooks, CompanyAlerts, open_books
from agent.notices.desk import AlertDesk
from agent.notices.office import NoticeOffice

__all__ = ["AlertBooks", "AlertDesk", "CompanyAlerts", "NoticeOffice", "open_books"]
