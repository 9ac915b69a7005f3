"""`manage.py demo`: members, posts and comments to try the site with."""

from argparse import ArgumentParser
from datetime import datetime, timedelta
from typing import Any, cast
from zoneinfo import ZoneInfo

from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management.base import BaseCommand
from django.db import transaction
from django.utils import timezone, translation
from django.utils.crypto import get_random_string

from accounts.models import MemberTopic, ProfileLink, User
from accounts.services.profile import store_topics
from accounts.signals import profile_changed
from birthdays.services.wishes import send_wish
from board.models import Board
from comments.models import Comment, LinkedPage
from comments.services.highlights import choose
from comments.services.images import add_picture, picture_markdown
from comments.services.reactions import thank
from comments.services.rerender import render_comments
from comments.services.writing import delete_comment, publish_comment
from community.demo import content
from community.demo.languages import TEXTS, content_in
from community.demo.parts import invite_guests, make_memorial, make_report
from community.demo.pictures import draw_portrait, draw_table
from core.models import SiteSettings
from core.parts import parts
from core.services.site_settings import save_settings
from core.utils.slugs import make_slug
from decisions.models import DecisionSettings, make_key
from decisions.services import asking as decisions
from decisions.services.positions import take_position
from decisions.services.settling import close, state_outcome
from decisions.services.voting import cast_vote
from events.services.answers import give_answer, give_guest_answer
from events.services.planning import Plan, propose_event
from events.services.schedule import Schedule
from giving.models import Gift, GivingSettings, Pledge, Way
from moderation.models import Decision, RemovalReason, Report
from moderation.services.decisions import decide
from moderation.services.members import ban, make_appeal
from moderation.services.removal_reasons import word_removal_reasons
from moderation.services.reports import report_comment
from notifications.services.notify import keep_in_inbox_only
from posts.models import Page, Post, Tag
from rooms.models import Room
from rooms.services.presence import enter_room

READABLE = "abcdefghijkmnpqrstuvwxyz23456789"


class Command(BaseCommand):
    help = "Fills the site with demo content and lists its accounts. A second run changes nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--password", help="the password for all demo accounts")
        parser.add_argument(
            "--language",
            choices=TEXTS,
            help="language of posts and comments; by default that of the site, if it is one of these",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        password = options["password"]
        of_site = SiteSettings.current().language_code.partition("-")[0]
        self.language = options["language"] or (of_site if of_site in TEXTS else "en")
        self.of_posts = "" if self.language == of_site else self.language
        self.content = content_in(self.language)
        is_new = not User.objects.filter(username=self.content.HOST).exists()
        if is_new:
            password = password or get_random_string(12, READABLE)
            with transaction.atomic():
                self.people = {person.username: self.make_person(person) for person in self.content.PEOPLE}
                with translation.override(self.language):
                    word_removal_reasons()
                self.make_posts()
                self.make_a_month_of_moderation()
                self.make_birthdays()
                self.make_rooms()
                self.make_giving()
                self.make_board()
                self.make_events()
                self.make_decisions()
                self.make_contacts()
                remembered = self.make_person(self.content.REMEMBERED, self.content.REMEMBERED_DAYS)
                memorial = make_memorial(remembered, self.people, self.content)
                self.make_waiting_memory(memorial.post)
                make_report(self.people, self.content, self.of_posts)
                keep_in_inbox_only()
        if password:
            # Hashed once: all have the same password, which is printed, and hashing takes a third of a
            # second.
            User.objects.filter(username__in=[person.username for person in self.content.PEOPLE]).update(
                password=make_password(password)
            )
        self.tell(is_new, password)

    def tell(self, is_new: bool, password: str | None) -> None:
        self.stdout.write(
            "The demo content was created."
            if is_new
            else "The demo content is already here; nothing changed."
        )
        self.stdout.write(f"Sign in at {settings.SITE_URL}/accounts/login/ as")
        self.stdout.write("  host       Imke, the host (writes posts at /admin/)")
        self.stdout.write("  moderator  Tomasz, a moderator (/moderation/)")
        self.stdout.write(f"  member1 … member{len(self.content.PEOPLE) - 2}  members")
        if password:
            self.stdout.write(f"Password of all demo accounts: {password}")
        else:
            self.stdout.write("To set a new password: manage.py demo --password …")

    def make_person(self, person: content.Person, days_ago: int = 200) -> User:
        email = f"{person.username}@{settings.DEMO_MAIL_DOMAIN}"
        user = User(
            username=person.username,
            email=email,
            display_name=person.name,
            tagline=person.tagline,
            bio=person.bio,
        )
        user.takes_introductions = bool(person.helps_with)
        user.date_joined = timezone.now() - timedelta(days=days_ago)
        user.known_since = user.date_joined if days_ago > 1 else None
        user.is_staff = user.is_superuser = person.username == self.content.HOST
        user.set_unusable_password()
        if person.picture:
            portrait = draw_portrait(person.picture)
            user.avatar.save(str(portrait.name), portrait, save=False)
        user.save()
        if person.username == self.content.MODERATOR:
            user.groups.add(Group.objects.get(name="moderators"))
        EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
        for position, (label, url) in enumerate(person.links):
            ProfileLink.objects.create(user=user, label=label, url=url, position=position)
        store_topics(user, MemberTopic.Kind.HELP, person.helps_with)
        store_topics(user, MemberTopic.Kind.LOOK, person.looks_for)
        profile_changed.send(sender=User, member=user)  # indexes their topics
        return user

    def make_posts(self) -> None:
        """The published posts with their comments, the pages, a draft and a scheduled post."""
        host = self.people[self.content.HOST]
        now = timezone.now()
        for article in sorted(self.content.ARTICLES, key=lambda article: -article.days_ago):
            self.make_post(article, host, now - timedelta(days=article.days_ago))
        for order, (slug, title, body, place) in enumerate(self.content.PAGES):
            Page.objects.create(
                slug=slug,
                title=title,
                body=body,
                author=host,
                language=self.of_posts,
                published_at=now,
                nav_place=place,
                nav_order=order,
                comments_open=False,
            )
        slug, title, summary, body = self.content.DRAFT
        Post.objects.create(
            slug=slug, title=title, summary=summary, body=body, author=host, language=self.of_posts
        )
        slug, title, summary, body = self.content.SCHEDULED
        Post.objects.create(
            slug=slug,
            title=title,
            summary=summary,
            body=body,
            author=host,
            language=self.of_posts,
            published_at=now + timedelta(days=7),
        )

    def make_post(self, article: content.Article, host: User, published_at: datetime) -> None:
        post = Post(
            slug=article.slug,
            title=article.title,
            summary=article.summary,
            body=article.body,
            author=host,
            language=self.of_posts,
            published_at=published_at,
            created_at=published_at,
            updated_at=published_at,
        )
        if article.cover:
            cover = draw_table()
            post.cover.save(str(cover.name), cover, save=False)
            post.cover_alt = "A long table seen from above, with one seat free."
        post.save()
        post.tags.set(
            [Tag.objects.get_or_create(slug=name, defaults={"name": name})[0] for name in article.tags]
        )
        self.make_thread(post, article, published_at)
        if not article.comments_open:
            Post.objects.filter(pk=post.pk).update(comments_open=False)

    def make_thread(self, post: Post, article: content.Article, published_at: datetime) -> None:
        """The comments under a post. Those of the first post show what moderators and authors can do."""
        comments: dict[str, Comment] = {}
        is_the_lively_one = article is self.content.ARTICLES[0]
        for words in sorted(article.said, key=lambda words: words.hours):
            if is_the_lively_one and words.key == self.content.HELD:
                # Without a public comment its author counts as new, and a link would be reviewed first.
                self.remove_unkind(comments[self.content.REMOVED])
            comment = publish_comment(
                post=post, author=self.people[words.who], body=words.words, parent=comments.get(words.to)
            )
            self.date(
                comment,
                min(published_at + timedelta(hours=words.hours), timezone.now() - timedelta(minutes=20)),
            )
            comments[words.key] = comment
        newest = (
            Comment.objects.for_post(post)
            .public()
            .newest_first()
            .values_list("created_at", flat=True)
            .first()
        )
        Post.objects.filter(pk=post.pk).update(last_comment_at=newest)
        if is_the_lively_one:
            delete_comment(
                comments[self.content.WITHDRAWN], by=cast(User, comments[self.content.WITHDRAWN].author)
            )
            report_comment(
                comments[self.content.REPORTED],
                reporter=self.people[self.content.REPORTER],
                reason=Report.Reason.OTHER,
                note=self.content.REPORT_NOTE,
            )

    def remove_unkind(self, comment: Comment) -> None:
        decision = decide(
            comment,
            Decision.Action.REMOVE,
            by=self.people[self.content.MODERATOR],
            text=RemovalReason.objects.order_by("position")[1],
            note="Tired, I think.",
        )
        self.date_decision(decision, comment.created_at + timedelta(hours=12))

    def date(self, comment: Comment, when: datetime) -> None:
        Comment.objects.filter(pk=comment.pk).update(created_at=when, published_at=when)
        comment.created_at = when

    def date_decision(self, decision: Decision | None, when: datetime) -> None:
        if decision is not None:
            Decision.objects.filter(pk=decision.pk).update(created_at=when)

    def make_waiting_memory(self, post: Post) -> None:
        writer = self.make_person(self.content.NEW_THERE, 1)
        memory = publish_comment(post=post, author=writer, body=self.content.WAITING_MEMORY)
        self.date(memory, timezone.now() - timedelta(days=self.content.WAITS_DAYS))

    def make_birthdays(self) -> None:
        """Enable the parts of the community, and show some birthdays."""
        save_settings({"parts": [*parts()]}, by=self.people[self.content.HOST])
        today = timezone.localdate()
        for username, days, seen_by in self.content.BIRTHDAYS:
            day = today + timedelta(days=days)
            columns = {"birthday_day": day.day, "birthday_month": day.month, "birthday_seen_by": seen_by}
            User.objects.filter(username=username).update(**columns)
            self.people[username].refresh_from_db()
        for to, who, words in self.content.WISHES:
            send_wish(self.people[to], by=self.people[who], words=words)

    def make_rooms(self) -> None:
        for position, (name, kind, address, topic, hours, for_members, there) in enumerate(
            self.content.ROOMS
        ):
            room = Room.objects.create(
                name=name,
                kind=kind,
                address=address,
                topic=topic,
                hours=hours,
                for_members=for_members,
                position=position,
            )
            for username in there:
                enter_room(self.people[username], room)

    def make_board(self) -> None:
        board = Board.open(self.people[self.content.HOST])
        for number, (username, drawing, alt, words) in enumerate(self.content.CARDS):
            author = self.people[username]
            if drawing:
                file = draw_portrait(drawing)
                upload = SimpleUploadedFile(f"{drawing}.webp", file.read())
                words = f"{picture_markdown(add_picture(upload, by=author, alt=alt))}\n\n{words}"
            card = publish_comment(post=board.post, author=author, body=words)
            if number == self.content.THE_CARD_OF_THE_WEEK:
                choose(card, by=self.people[self.content.HOST])

    def make_giving(self) -> None:
        GivingSettings.objects.create(pk=1, text=self.content.GIVING, monthly_cost=self.content.MONTHLY_COST)
        for position, (name, address, details) in enumerate(self.content.WAYS):
            Way.objects.create(name=name, address=address, details=details, position=position)
        for amount, thank_as in self.content.GIFTS:
            Gift.objects.create(amount=amount, thank_as=thank_as)
        for username, amount, is_thanked in self.content.PLEDGES:
            Pledge.objects.create(member=self.people[username], amount=amount, is_thanked=is_thanked)

    def make_contacts(self) -> None:
        """Thanks to a member for her knowledge, and a card whose page is gone."""
        slug, author, begin, people = self.content.THANKED
        comment = Comment.objects.get(post__slug=slug, author=self.people[author], body__startswith=begin)
        for username in people:
            thank(comment, by=self.people[username])
        gone = timezone.localdate() - timedelta(days=30)
        LinkedPage.objects.update_or_create(
            url=self.content.CARD,
            defaults={
                "title": self.content.CARD_TITLE,
                "dated": gone - timedelta(days=800),
                "linked_on": gone - timedelta(days=100),
                "failing_since": gone,
                "gone_since": gone,
                "next_check_at": timezone.now() + timedelta(weeks=4),
            },
        )
        render_comments(list(Comment.objects.filter(body__contains=self.content.CARD)))

    def make_events(self) -> None:
        """Events with answers and a discussion, a full one, a proposed one, a past one."""
        for planned in self.content.EVENTS:
            begin = timezone.localtime(timezone.now(), ZoneInfo(planned.zone)).replace(
                hour=planned.hour, minute=0, second=0, microsecond=0
            ) + timedelta(days=planned.days)
            rule = f"FREQ=WEEKLY;COUNT={planned.weeks}" if planned.weeks > 1 else ""
            schedule = Schedule(begin, begin + timedelta(hours=planned.hours), planned.zone, rule)
            plan = Plan(planned.title, planned.text, planned.place, planned.link, schedule, planned.places)
            event = propose_event(plan, by=self.people[planned.who])
            first = event.occurrences.order_by("starts_at")[0]
            for says, people in (("yes", planned.coming), ("maybe", planned.maybe)):
                for username in people:
                    give_answer(first, self.people[username], says)
            for name in planned.guests:
                give_guest_answer(
                    first, "yes", email=f"{make_slug(name)}@{settings.DEMO_MAIL_DOMAIN}", name=name
                )
            for username, words in planned.said:
                publish_comment(post=event.post, author=self.people[username], body=words)

    def make_decisions(self) -> None:
        """An open poll, a closed secret one, and a proposal on which members and a guest disagree."""
        host = self.people[self.content.HOST]
        post = Post.objects.published().posts().order_by("-published_at")[0]
        DecisionSettings.objects.create(pk=1, members_ask=True)
        for title, text, options, is_secret, votes, outcome in self.content.POLLS:
            closes_at = timezone.now() + timedelta(days=9)
            plan = decisions.Plan(
                kind="poll",
                title=title,
                text=text,
                options=options,
                method="single",
                is_secret=is_secret,
                shows_early=not is_secret,
                closes_at=closes_at,
            )
            poll = decisions.open_decision(plan, post=post, by=host, key=make_key())
            there = list(poll.options.all())
            for username, number in votes:
                cast_vote(poll, self.people[username], [there[number]])
            if outcome:
                close(poll, by=host)
                poll.refresh_from_db()
                review_on = timezone.localdate() + timedelta(days=30)
                state_outcome(poll, text=outcome, review_on=review_on, by=host)
        title, text, positions = self.content.PROPOSAL
        plan = decisions.Plan(kind="proposal", title=title, text=text, stage="sense")
        proposal = decisions.open_decision(plan, post=post, by=self.people["member5"], key=make_key())
        for username, stance, reason in positions:
            take_position(proposal, stance=stance, reason=reason, by=self.people[username])
        invite_guests(proposal, host, self.content)

    def make_a_month_of_moderation(self) -> None:
        """What a moderator sees after some weeks: decisions, a ban, a spam campaign, and an appeal."""
        now, moderator = timezone.now(), self.people[self.content.MODERATOR]
        newcomers = {
            person.username: self.make_person(person, self.content.NEWCOMERS_DAYS)
            for person in self.content.NEWCOMERS
        }
        for brought in self.content.BROUGHT:
            post = Post.objects.get(slug=brought.under)
            comment = publish_comment(post=post, author=newcomers[brought.who], body=brought.words)
            written = now - timedelta(days=brought.days_ago)
            self.date(comment, written)
            if brought.decision:
                self.date_decision(
                    decide(comment, brought.decision, by=moderator),
                    written + timedelta(hours=brought.hours_later),
                )
        ban(newcomers[self.content.BANNED], by=moderator, words=self.content.WHY_BANNED)
        removal = Decision.objects.get(
            action=Decision.Action.REMOVE, comment__author__username=self.content.APPEALING
        )
        make_appeal(self.people[self.content.APPEALING], removal, self.content.APPEAL)
