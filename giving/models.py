"""Costs, ways to give, gifts, and members' pledges.

For donors who do not want to be thanked, neither name nor member is stored. There is no card data: people pay
elsewhere.
"""

from datetime import date
from decimal import Decimal
from typing import Any, Self

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator, RegexValidator
from django.db import models
from django.db.models import F, Max, Min, Q, Sum
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext_lazy as _

from core.utils.urls import WebAddressModelField

IS_CURRENCY = RegexValidator(r"\A[A-Z]{3}\Z", _("Enter three capital letters, such as EUR."))
SMALLEST, LARGEST = Decimal("0.01"), Decimal("9999999.99")


class AmountField(models.DecimalField):
    """An amount of money with two decimal places: above 0, at most LARGEST."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        above_zero = MinValueValidator(SMALLEST, _("Enter an amount above 0."))
        values: dict[str, Any] = {"max_digits": 9, "decimal_places": 2, "validators": [above_zero]}
        super().__init__(*args, **values | kwargs)

    def formfield(self, **kwargs: Any) -> Any:
        """With messages in the words of an amount of money."""
        too_large = _("Enter an amount below 10,000,000.")
        messages = {
            "invalid": _("Enter an amount, such as 5 or 7.50."),
            "max_digits": too_large,
            "max_whole_digits": too_large,
            "max_decimal_places": _("Enter an amount with at most two decimal places."),
        }
        return super().formfield(**{"error_messages": messages} | kwargs)

    def deconstruct(self) -> Any:
        """Be Django's field in migrations.

        The limits are constraints, and messages do not matter to the database.
        """
        name, _path, args, kwargs = super().deconstruct()
        kwargs.pop("validators", None)
        return name, "django.db.models.DecimalField", args, kwargs


def is_amount(field: str) -> Q:
    """The constraint of an AmountField."""
    return Q(**{f"{field}__gt": 0, f"{field}__lte": LARGEST})


def money(amount: Decimal, currency: str) -> str:
    """An amount in the language's number format, with the currency code (ISO 4217)."""
    decimals = 0 if amount == amount.to_integral_value() else 2
    return f"{number_format(amount, decimals, use_l10n=True, force_grouping=True)} {currency}"


class GivingSettings(models.Model):
    """The host's settings for the page, in one row."""

    text = models.TextField(
        _("text"),
        max_length=2000,
        blank=True,
        help_text=_("What the money is for. Blank lines separate paragraphs."),
    )
    currency = models.CharField(
        _("currency"),
        max_length=3,
        default="EUR",
        validators=[IS_CURRENCY],
        help_text=_("The three letters of its code, such as EUR, GBP or USD."),
    )
    monthly_cost = AmountField(
        _("monthly costs"), null=True, blank=True, help_text=_("Leave blank if you don’t want to say.")
    )
    stripe_secret = models.CharField(
        _("Stripe signing secret"),
        max_length=200,
        blank=True,
        help_text=_(
            "For payments through Stripe: there, add this site’s address /giving/stripe/ as a webhook "
            "for the events checkout.session.completed, checkout.session.async_payment_succeeded, "
            "invoice.paid, invoice_payment.paid and charge.refunded, then enter its signing secret here."
        ),
    )

    class Meta:
        verbose_name = _("giving: text and costs")
        verbose_name_plural = _("giving: text and costs")
        constraints = [
            models.CheckConstraint(condition=Q(pk=1), name="one_row_of_giving"),
            models.CheckConstraint(
                condition=Q(monthly_cost=None) | is_amount("monthly_cost"), name="monthly_cost_is_an_amount"
            ),
        ]

    def __str__(self) -> str:
        return str(self._meta.verbose_name)

    @classmethod
    def current(cls) -> Self:
        """The row, or an unsaved one with the defaults."""
        return cls.objects.filter(pk=1).first() or cls(pk=1)


class Way(models.Model):
    """A way to give: an external URL, or details such as a bank account."""

    name = models.CharField(_("name"), max_length=80, help_text=_("Such as Bank transfer or PayPal."))
    address = WebAddressModelField(
        _("web address"),
        max_length=300,
        blank=True,
        help_text=_("Where people can pay, such as https://paypal.example/table."),
    )
    details = models.TextField(
        _("details"),
        max_length=500,
        blank=True,
        help_text=_("Such as the account number. Shown exactly as you type it."),
    )
    position = models.PositiveSmallIntegerField(
        _("position"), default=0, help_text=_("Lower numbers come first.")
    )

    class Meta:
        verbose_name = _("way to give")
        verbose_name_plural = _("ways to give")
        ordering = ["position", "name"]
        constraints = [
            models.CheckConstraint(condition=~Q(address="") | ~Q(details=""), name="way_leads_somewhere")
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Require an address or details. Raises ValidationError."""
        if not (self.address or self.details):
            raise ValidationError({"address": _("Enter a web address, or details below.")})


class GiftQuerySet(models.QuerySet):
    """Money received."""

    def of_month(self) -> Self:
        """Those since the first day of the current month."""
        return self.filter(received_on__gte=timezone.localdate().replace(day=1))

    def thanked(self) -> Self:
        """Without fully refunded gifts."""
        return self.filter(is_thanked=True, refunded__lt=F("amount")).exclude(thank_as="")

    def dates(self, field_name: str, kind: Any, order: Any = "ASC") -> Any:
        """All years from the first to the last, for the admin's date hierarchy.

        The database would compute the year of each gift.
        """
        if kind != "year" or order != "ASC":
            return super().dates(field_name, kind, order)
        ends = self.order_by().aggregate(first=Min(field_name), last=Max(field_name))
        years = range(ends["first"].year, ends["last"].year + 1) if ends["first"] else range(0)
        return [date(year, 1, 1) for year in years]

    def total(self, currency: str) -> Decimal:
        """The sum in this currency, less refunds."""
        found = self.filter(currency=currency).aggregate(
            total=Sum("amount", default=Decimal(0)) - Sum("refunded", default=Decimal(0))
        )
        return Decimal(found["total"])


class Gift(models.Model):
    """Money received. reference: the id of the payment at Stripe, so that it is booked once; None by hand."""

    amount = AmountField(_("amount"))
    currency = models.CharField(_("currency"), max_length=3, default="EUR", validators=[IS_CURRENCY])
    refunded = models.DecimalField(
        _("refunded"), max_digits=9, decimal_places=2, default=Decimal(0), editable=False
    )
    received_on = models.DateField(_("received on"), default=timezone.localdate)
    thank_as = models.CharField(
        _("thank as"),
        max_length=80,
        blank=True,
        help_text=_("The name to thank publicly. Leave blank for gifts that stay anonymous."),
    )
    is_thanked = models.BooleanField(
        _("thank publicly"),
        default=True,
        help_text=_("Names that came with a payment are shown once you tick this."),
    )
    reference = models.CharField(max_length=255, unique=True, null=True, editable=False)  # noqa: DJ001 - "" would be once

    objects = GiftQuerySet.as_manager()

    class Meta:
        verbose_name = _("gift")
        verbose_name_plural = _("gifts")
        ordering = ["-received_on", "-pk"]
        indexes = [models.Index(fields=["-received_on", "-id"], name="gifts_newest_first")]
        constraints = [
            models.CheckConstraint(condition=is_amount("amount"), name="gift_is_an_amount"),
            models.CheckConstraint(
                condition=Q(refunded__gte=0) & Q(refunded__lte=models.F("amount")),
                name="refund_is_part_of_the_gift",
            ),
        ]

    def __str__(self) -> str:
        """Without the name, since it is logged."""
        return f"{self.amount} {self.currency}, {self.received_on}"

    def clean(self) -> None:
        """Refuse an amount smaller than what was refunded already. Raises ValidationError."""
        if self.amount is not None and self.amount < self.refunded:
            least = money(self.refunded, self.currency)
            raise ValidationError(
                {"amount": _("%(amount)s was already refunded. Enter at least that.") % {"amount": least}}
            )


class InvoicePayment(models.Model):
    """The payment of an invoice.

    Since Stripe's API version 2025-03-31, refunds refer to payments, while gifts are booked by invoice.
    """

    payment_intent = models.CharField(max_length=255, primary_key=True)
    invoice = models.CharField(max_length=255)

    class Meta:
        verbose_name = _("payment of an invoice")
        verbose_name_plural = _("payments of invoices")

    def __str__(self) -> str:
        return f"{self.payment_intent} {self.invoice}"


class PledgeQuerySet(models.QuerySet):
    """What members intend to give each month."""

    def total(self, currency: str) -> Decimal:
        """The sum in this currency."""
        found = self.filter(currency=currency).aggregate(total=Sum("amount", default=Decimal(0)))
        return Decimal(found["total"])


class Pledge(models.Model):
    """What a member intends to give each month, in the currency of that time. It is not collected."""

    member = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True, related_name="pledge"
    )
    amount = AmountField(_("monthly amount"))
    currency = models.CharField(
        _("currency"), max_length=3, default="EUR", db_default="EUR", validators=[IS_CURRENCY], editable=False
    )
    is_thanked = models.BooleanField(_("thank me by name on this page"), default=False)
    since = models.DateField(_("since"), default=timezone.localdate)

    objects = PledgeQuerySet.as_manager()

    class Meta:
        verbose_name = _("pledge")
        verbose_name_plural = _("pledges")
        ordering = ["since", "pk"]
        indexes = [
            models.Index(
                fields=["since", "member"], condition=models.Q(is_thanked=True), name="thanked_pledges"
            )
        ]
        constraints = [models.CheckConstraint(condition=is_amount("amount"), name="pledge_is_an_amount")]

    def __str__(self) -> str:
        """Without the name, since it is logged."""
        return f"{self.amount} {self.currency}, {self.since}"
