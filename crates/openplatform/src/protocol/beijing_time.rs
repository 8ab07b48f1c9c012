//! The gateway's timestamp.

use miniauth_core::time::Timestamp;

/// Beijing is eight hours ahead of UTC, in summer too.
const OFFSET_SECONDS: u64 = 8 * 3_600;
const SECONDS_PER_DAY: u64 = 86_400;

/// Days in 400 years of the Gregorian calendar, after which it repeats.
const DAYS_PER_ERA: u64 = 146_097;
/// Days from 0000-03-01, where an era starts, to 1970-01-01.
const EPOCH_FROM_ERA_START: u64 = 719_468;

/// `yyyy-MM-dd HH:mm:ss` in GMT+8, as the parameter `timestamp` wants it.
///
/// The offset is added before the date is taken: a date taken in UTC would be yesterday's from 00:00 to 08:00 in
/// Beijing, and the gateway would refuse every call of the night.
pub fn beijing_time(moment: Timestamp) -> String {
    let local = moment.as_seconds().saturating_add(OFFSET_SECONDS);
    let (year, month, day) = civil_date(local / SECONDS_PER_DAY);
    let second_of_day = local % SECONDS_PER_DAY;
    let (hour, minute, second) = (second_of_day / 3_600, second_of_day / 60 % 60, second_of_day % 60);
    format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}")
}

/// The Gregorian date of a day counted from 1970-01-01.
///
/// Years are counted from March, so that the leap day is the last day of its year and every month before it has a
/// fixed place (the method of Howard Hinnant's `civil_from_days`).
fn civil_date(days_since_epoch: u64) -> (u64, u64, u64) {
    let days = days_since_epoch + EPOCH_FROM_ERA_START;
    let (era, day_of_era) = (days / DAYS_PER_ERA, days % DAYS_PER_ERA);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = era * 400 + year_of_era + u64::from(month <= 2);
    (year, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_date_turns_at_midnight_in_beijing() {
        // 2026-11-20T16:00:00Z is midnight of the 21st in Beijing.
        let midnight = 1_795_190_400;
        let cases = [
            (midnight - 1, "2026-11-20 23:59:59"),
            (midnight, "2026-11-21 00:00:00"),
            (midnight + 7 * 3_600 + 59 * 60, "2026-11-21 07:59:00"),
            (midnight + 8 * 3_600, "2026-11-21 08:00:00"),
            (midnight + 23 * 3_600 + 59 * 60, "2026-11-21 23:59:00"),
        ];
        for (seconds, text) in cases {
            assert_eq!(beijing_time(Timestamp::from_seconds(seconds)), text);
        }
    }

    #[test]
    fn months_years_and_leap_days_turn_where_they_must() {
        let cases = [
            (0, "1970-01-01 08:00:00"),
            (951_753_600, "2000-02-29 00:00:00"),
            (1_709_135_999, "2024-02-28 23:59:59"),
            (1_709_136_000, "2024-02-29 00:00:00"),
            (1_709_222_400, "2024-03-01 00:00:00"),
            (1_735_660_799, "2024-12-31 23:59:59"),
            (1_735_660_800, "2025-01-01 00:00:00"),
            (4_107_513_600, "2100-03-01 00:00:00"),
        ];
        for (seconds, text) in cases {
            assert_eq!(beijing_time(Timestamp::from_seconds(seconds)), text);
        }
    }

    fn is_leap(year: u64) -> bool {
        year.is_multiple_of(4) && !year.is_multiple_of(100) || year.is_multiple_of(400)
    }

    /// The slow way to the same date: year by year, month by month.
    fn counted_date(mut days: u64) -> (u64, u64, u64) {
        let mut year = 1970;
        while days >= 365 + u64::from(is_leap(year)) {
            days -= 365 + u64::from(is_leap(year));
            year += 1;
        }
        let lengths = [31, 28 + u64::from(is_leap(year)), 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
        let mut month = 0;
        while days >= lengths[month] {
            days -= lengths[month];
            month += 1;
        }
        (year, month as u64 + 1, days + 1)
    }

    proptest! {
        #[test]
        fn every_date_is_the_counted_one(days in 0_u64..400_000) {
            prop_assert_eq!(civil_date(days), counted_date(days));
        }
    }
}
