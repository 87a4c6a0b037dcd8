"""Who may act at all: Django permissions, which every new user has until somebody takes them."""

import pytest
from django.contrib.auth import models as auth
from django.contrib.auth.models import AnonymousUser, Group, User
from django.core import serializers

from operations.access import permissions
from operations.access.permissions import OF_OPERATORS, OPERATORS, Permission
from operations.errors import NotPermitted

pytestmark = pytest.mark.django_db


def permitted(user: User) -> set[Permission]:
    fresh = User.objects.get(pk=user.pk)  # a user object remembers what it was told
    return {permission for permission in Permission if permissions.may(fresh, permission)}


def test_a_new_user_may_act() -> None:
    assert permitted(User.objects.create_user("new")) == set(OF_OPERATORS)


def test_going_before_everybody_else_is_given_by_an_administrator() -> None:
    user = User.objects.create_user("new")
    assert not permissions.may(user, Permission.GO_FIRST)
    codename = Permission.GO_FIRST.codename
    user.user_permissions.add(auth.Permission.objects.get(codename=codename))
    assert permitted(user) == set(Permission)


def test_who_is_taken_out_of_the_operators_may_not_and_hears_which_permission_is_needed() -> None:
    user = User.objects.create_user("reader")
    user.groups.clear()
    assert permitted(user) == set()
    with pytest.raises(NotPermitted, match=r"operations\.resume_operation"):
        permissions.require(user, Permission.RESUME)


def test_one_permission_can_be_taken_from_all_operators() -> None:
    earlier = User.objects.create_user("earlier")
    start = permissions.operators().permissions.get(codename="start_operation")
    permissions.operators().permissions.remove(start)
    later = User.objects.create_user("later")
    left = set(OF_OPERATORS) - {Permission.START}
    assert (permitted(earlier), permitted(later)) == (left, left)


def test_saving_a_user_again_gives_nothing_back() -> None:
    user = User.objects.create_user("reader")
    user.groups.clear()
    user.save()
    assert permitted(user) == set()


def test_a_loaded_user_has_what_the_file_says() -> None:
    user = User.objects.create_user("reader")
    user.groups.clear()
    text = serializers.serialize("json", [user])
    user.delete()
    for loaded in serializers.deserialize("json", text):
        loaded.save()
    assert permitted(User.objects.get(username="reader")) == set()


def test_a_deleted_group_comes_back_whole_with_the_next_user() -> None:
    Group.objects.filter(name=OPERATORS).delete()
    assert permitted(User.objects.create_user("next")) == set(OF_OPERATORS)


def test_nobody_and_a_locked_user_may_nothing_and_a_superuser_everything() -> None:
    locked = User.objects.create_user("locked", is_active=False)
    superuser = User.objects.create_superuser("root")
    superuser.groups.clear()
    assert permitted(locked) == set()
    assert permitted(superuser) == set(Permission)
    assert not permissions.may(AnonymousUser(), Permission.START)
