"""A user's sessions on the site: a browser is signed in as long as its session is there."""

from django.contrib.auth import SESSION_KEY
from django.contrib.auth.models import AbstractBaseUser
from django.contrib.sessions.models import Session
from django.db.models.functions import Now


def end_all(user: AbstractBaseUser) -> int:
    """Sign the user out everywhere; returns how many sessions that ended.

    A session says only inside whose it is, so each living one is looked at. One that is in use
    meanwhile does not come back: Django saves a session only where its row still is.
    """
    living = Session.objects.filter(expire_date__gt=Now()).iterator()
    keys = [session.pk for session in living if _is_of(session, user)]
    ended, _ = Session.objects.filter(pk__in=keys).delete()
    return ended


def _is_of(session: Session, user: AbstractBaseUser) -> bool:
    return bool(session.get_decoded().get(SESSION_KEY) == str(user.pk))
