"""allauth's tables without its start, which demands its middleware."""

from allauth.account.apps import AccountConfig


class Account(AccountConfig):
    def ready(self) -> None:
        pass
