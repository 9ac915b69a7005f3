"""The times of events: time zones, clock changes, rules, exceptions."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from dateutil.rrule import rrulestr
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from events.services.schedule import LONGEST_YEARS, MAX_TIMES, Schedule, read_rule, rule_of, times_of

SYDNEY, BERLIN = ZoneInfo("Australia/Sydney"), ZoneInfo("Europe/Berlin")


def schedule(begin: datetime, rule: str = "", skipped: tuple[date, ...] = (), hours: int = 2) -> Schedule:
    return Schedule(begin, begin.replace(hour=begin.hour + hours), begin.tzinfo.key, rule, skipped)


def test_20_o_clock_in_sydney_is_noon_in_berlin_in_july_and_10_in_january():
    begin = datetime(2026, 1, 15, 20, tzinfo=SYDNEY)
    times = times_of(schedule(begin, "FREQ=MONTHLY;COUNT=7"))
    assert [start.astimezone(SYDNEY).hour for start, _end in times] == [20] * 7
    berlin = {start.astimezone(BERLIN).month: start.astimezone(BERLIN).hour for start, _end in times}
    assert (berlin[1], berlin[7]) == (10, 12)


def test_a_clock_change_moves_nothing_on_the_clocks_of_the_place():
    begin = datetime(2026, 3, 26, 19, tzinfo=BERLIN)  # daylight saving time begins on the 29th
    times = times_of(schedule(begin, "FREQ=DAILY;COUNT=5"))
    assert [start.astimezone(BERLIN).strftime("%d %H:%M") for start, _end in times] == [
        "26 19:00",
        "27 19:00",
        "28 19:00",
        "29 19:00",
        "30 19:00",
    ]
    assert [start.hour for start, _end in times] == [18, 18, 18, 17, 17]
    assert {end - start for start, end in times} == {timedelta(hours=2)}


@pytest.mark.parametrize(
    ("begin", "end", "times"),
    [
        # Half an hour forward at two; the first event is during the change.
        ((2027, 10, 2, 23, 30), (2027, 10, 3, 3), ["02 23:30-03 03:00", "03 23:30-04 03:00"]),
        # Half an hour back.
        ((2027, 4, 3, 23, 45), (2027, 4, 4, 2, 15), ["03 23:45-04 02:15", "04 23:45-05 02:15"]),
        # The second one would be at a time that doesn't exist, and lasts as long as the first.
        ((2027, 10, 2, 2, 10), (2027, 10, 2, 2, 30), ["02 02:10-02 02:30", "03 02:40-03 03:00"]),
    ],
)
def test_ends_stay_on_the_clocks_as_begins_do(begin, end, times):
    zone = ZoneInfo("Australia/Lord_Howe")
    first = Schedule(
        datetime(*begin, tzinfo=zone), datetime(*end, tzinfo=zone), zone.key, "FREQ=DAILY;COUNT=2"
    )
    found = [tuple(moment.astimezone(zone) for moment in one) for one in times_of(first)]
    assert [f"{start:%d %H:%M}-{end:%d %H:%M}" for start, end in found] == times


@pytest.mark.parametrize(
    ("repetition", "until", "days"),
    [
        ("daily", date(2026, 7, 11), ["2026-07-09", "2026-07-10", "2026-07-11"]),
        ("weekly", date(2026, 7, 23), ["2026-07-09", "2026-07-16", "2026-07-23"]),
        ("fortnightly", date(2026, 8, 1), ["2026-07-09", "2026-07-23"]),
        ("monthly", date(2026, 9, 9), ["2026-07-09", "2026-08-09", "2026-09-09"]),
        ("weekday", date(2026, 9, 30), ["2026-07-09", "2026-08-13", "2026-09-10"]),  # the second Thursday
        ("yearly", date(2028, 7, 9), ["2026-07-09", "2027-07-09", "2028-07-09"]),
    ],
)
def test_it_repeats_as_chosen_to_the_last_day(repetition, until, days):
    begin = datetime(2026, 7, 9, 20, tzinfo=SYDNEY)
    times = times_of(schedule(begin, rule_of(repetition, begin, until)))
    assert [start.astimezone(SYDNEY).date().isoformat() for start, _end in times] == days


def test_the_last_weekday_of_a_month_stays_the_last():
    begin = datetime(2026, 7, 31, 20, tzinfo=BERLIN)
    times = times_of(schedule(begin, rule_of("weekday", begin, date(2026, 10, 31))))
    assert [start.astimezone(BERLIN).day for start, _end in times] == [31, 28, 25, 30]


def test_days_can_be_left_out():
    begin = datetime(2026, 7, 9, 20, tzinfo=SYDNEY)
    times = times_of(schedule(begin, "FREQ=WEEKLY;COUNT=3", (date(2026, 7, 16),)))
    assert [start.astimezone(SYDNEY).day for start, _end in times] == [9, 23]


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("", "no_rule"),
        ("every Tuesday", "no_rule"),
        ("FREQ=SECONDLY;COUNT=5", "no_rule"),
        ("FREQ=HOURLY;COUNT=5", "no_rule"),
        ("FREQ=WEEKLY", "endless"),
        ("FREQ=WEEKLY;BYDAY=TU", "endless"),
        ("FREQ=;COUNT=2", "no_rule"),
        ("\x00", "no_rule"),
        ("FREQ=DAILY;INTERVAL=0;BYMONTH=1;COUNT=1", "interval"),
        ("FREQ=DAILY;INTERVAL=101;COUNT=2", "interval"),
        ("FREQ=DAILY;INTERVAL=1,2;COUNT=2", "no_rule"),
        ("FREQ=DAILY;COUNT=1;BYMONTHDAY=30;BYMONTH=2", "not_allowed"),
        ("FREQ=DAILY;BYHOUR=9,17;COUNT=4", "not_allowed"),
        ("FREQ=WEEKLY;BYMONTH=2;COUNT=1", "not_allowed"),
        ("FREQ=YEARLY;BYWEEKNO=53;COUNT=1", "not_allowed"),
        ("FREQ=MONTHLY;BYEASTER=1;COUNT=1", "not_allowed"),
        ("FREQ=WEEKLY;BYDAY=2TU;COUNT=1", "no_rule"),
        ("FREQ=MONTHLY;BYMONTHDAY=32;COUNT=1", "no_rule"),
        ("FREQ=YEARLY;BYMONTH=13;COUNT=1", "no_rule"),
        ("FREQ=YEARLY;BYMONTH=5L;COUNT=1", "no_rule"),
        ("FREQ=WEEKLY;UNTIL=P1D", "no_rule"),
        ("FREQ=WEEKLY;UNTIL=120000", "no_rule"),
        ("FREQ=WEEKLY;COUNT=-1", "no_rule"),
    ],
)
def test_a_rule_that_cannot_be_is_refused_with_a_reason(typed, code):
    with pytest.raises(ValidationError) as refused:
        read_rule(typed)
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("rule", "code"),
    [
        ("FREQ=DAILY;COUNT=100000", "too_often"),
        ("FREQ=DAILY;UNTIL=29990101T000000Z", "too_often"),
        ("FREQ=WEEKLY;UNTIL=20260101T000000Z", "never"),
        ("FREQ=MONTHLY;BYMONTH=2;BYMONTHDAY=30;COUNT=1", "never"),
        ("FREQ=YEARLY;INTERVAL=100;BYMONTH=2;BYMONTHDAY=29;COUNT=1", "never"),
        ("FREQ=MONTHLY;INTERVAL=12;BYMONTH=1;COUNT=1", "never"),
        ("FREQ=MONTHLY;BYDAY=6MO;COUNT=1", "never"),
        ("FREQ=YEARLY;BYDAY=MO;BYSETPOS=366;COUNT=1", "never"),
        ("FREQ=DAILY;INTERVAL=7;BYDAY=TU;COUNT=1", "never"),
    ],
)
def test_what_is_too_often_or_never_is_refused(rule, code):
    with pytest.raises(ValidationError) as refused:
        times_of(schedule(datetime(2026, 7, 9, 20, tzinfo=SYDNEY), rule))
    assert refused.value.code == code


@given(st.text(max_size=60))
def test_whatever_is_typed_as_a_rule_it_is_read_or_refused(typed):
    try:
        rule = read_rule(typed)
        times = times_of(schedule(datetime(2026, 7, 9, 20, tzinfo=ZoneInfo("UTC")), rule))
    except ValidationError:
        return
    assert 0 < len(times) <= MAX_TIMES


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=DAILY;INTERVAL=3;COUNT=20",
        "FREQ=DAILY;BYDAY=MO,FR;BYMONTH=1,9;COUNT=20",
        "FREQ=WEEKLY;INTERVAL=2;BYDAY=SU,MO,TH;COUNT=20",
        "FREQ=WEEKLY;INTERVAL=2;WKST=SU;BYDAY=SU,MO,TH;COUNT=20",
        "FREQ=MONTHLY;INTERVAL=5;COUNT=9",
        "FREQ=MONTHLY;BYMONTHDAY=-1,31,1;COUNT=20",
        "FREQ=MONTHLY;BYDAY=2TU,-1TH;COUNT=20",
        "FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13;COUNT=8",
        "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1,1;COUNT=20",
        "FREQ=MONTHLY;BYMONTH=2,7;COUNT=7",
        "FREQ=YEARLY;COUNT=4",
        "FREQ=YEARLY;BYMONTH=3,12;COUNT=8",
        "FREQ=YEARLY;BYDAY=20MO,-1FR;COUNT=8",
        "FREQ=YEARLY;BYMONTH=11;BYDAY=-1TH;COUNT=4",
        "FREQ=YEARLY;BYMONTHDAY=-3;COUNT=20",
        "FREQ=YEARLY;BYDAY=SA,SU;BYSETPOS=-2,5;COUNT=8",
        "FREQ=WEEKLY;UNTIL=20280203T195959Z",
    ],
)
@pytest.mark.parametrize(
    "first",
    [datetime(2026, 7, 9, 20, tzinfo=ZoneInfo("UTC")), datetime(2027, 12, 31, 20, tzinfo=ZoneInfo("UTC"))],
)
def test_rules_mean_what_they_mean_to_other_programs(rule, first):
    last = first + timedelta(days=366 * LONGEST_YEARS)
    theirs = [start for start in rrulestr(rule, dtstart=first) if start <= last]
    assert [start for start, _end in times_of(schedule(first, rule))] == sorted({first, *theirs})


@pytest.mark.parametrize(
    ("until", "days"),
    [
        ("20260716", [9, 16]),
        ("20260716T200000", [9, 16]),
        ("20260716T195959", [9]),
        ("20260716T180000Z", [9, 16]),
        ("20260716T175959Z", [9]),
    ],
)
def test_the_end_of_a_rule_is_a_day_there_or_a_moment(until, days):
    times = times_of(schedule(datetime(2026, 7, 9, 20, tzinfo=BERLIN), f"FREQ=WEEKLY;UNTIL={until}"))
    assert [start.astimezone(BERLIN).day for start, _end in times] == days
