//! Identity: all ids that the platform has used for a user lead to one subject.
//!
//! Only ids that occur together in one verified answer prove identity. If an answer proves that two subjects are the
//! same user, they are merged into the older one. The other id is retired and leads to it forever, because sessions in
//! Redis and other systems may refer to it.

use super::{Actor, AuditAction, StoreError, Stores, withdrawals::WithdrawnSessions};
use miniauth_core::{time::Timestamp, wire::SubjectId};
use miniauth_openplatform::UserIds;

/// A subject, as stored in the database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Subject {
    pub(super) id: SubjectId,
    pub(super) ids: UserIds,
    pub(super) created_at: i64,
    /// The retired ids that lead to this subject.
    pub(super) previous: Vec<SubjectId>,
    /// The sessions that end now because an answer linked the user to a withdrawal.
    pub(super) ended: Option<WithdrawnSessions>,
}

impl Subject {
    /// Returns the subject's id and the retired ones.
    pub(super) fn every_id(&self) -> impl Iterator<Item = SubjectId> {
        std::iter::once(self.id).chain(self.previous.iter().copied())
    }
}

/// An answer would give a user a second id of a kind: it contradicts an earlier answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the platform gave a user a second id of the same kind")]
pub struct SecondIdError;

/// The consequence of an answer.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// No subject has any of these ids.
    New,
    /// It is this subject, with these ids.
    Known {
        subject: Subject,
        /// Whether some of the ids are new.
        learns: bool,
        /// Other subjects that turned out to be the same user.
        retired: Vec<SubjectId>,
    },
}

/// Decides which subject an answer with the ids `named` is about; `found` are the subjects with one of these ids.
pub(super) fn judge(named: &UserIds, found: Vec<Subject>) -> Result<Verdict, SecondIdError> {
    let mut found = found;
    found.sort_by_key(|subject| (subject.created_at, subject.id));
    let mut found = found.into_iter();
    let Some(mut subject) = found.next() else { return Ok(Verdict::New) };
    let known = subject.ids.clone();
    subject.ids = subject.ids.joined(named).ok_or(SecondIdError)?;
    let mut retired = Vec::new();
    for other in found {
        subject.ids = subject.ids.joined(&other.ids).ok_or(SecondIdError)?;
        subject.previous.push(other.id);
        subject.previous.extend(other.previous);
        retired.push(other.id);
    }
    Ok(Verdict::Known { learns: subject.ids != known, subject, retired })
}

/// The assignments that remove the member from a subject's row.
#[cfg(any(feature = "postgres", feature = "sqlite"))]
macro_rules! no_member {
    () => {
        "nick_name = NULL, avatar = NULL, gender = NULL, province = NULL, city = NULL, stored_at = NULL, consented_at = NULL"
    };
}
#[cfg(any(feature = "postgres", feature = "sqlite"))]
pub(super) use no_member;

impl Stores {
    /// Records that an answer was refused; `subject` is `None` at a login.
    pub(crate) async fn note_second_id(&self, subject: Option<SubjectId>, now: Timestamp) -> Result<(), StoreError> {
        self.note(&Actor::Platform, AuditAction::SecondIdRefused, subject, None, now).await
    }
}

/// The result of a store operation whose answer may contradict the known ids.
pub type Judged<T> = Result<Result<T, SecondIdError>, StoreError>;

/// Extends the grants of the subjects `$1` and `$2` to the later of the two ends, because one of them gets all
/// sessions.
#[cfg(any(feature = "postgres", feature = "sqlite"))]
pub(super) const LATER_END: &str =
    "UPDATE grants SET over_at = (SELECT max(over_at) FROM grants WHERE subject IN ($1, $2)) WHERE subject IN ($1, $2)";

/// Deletes the worse of the grants of the subjects `$1` and `$2`; `$3` is now. A valid one is better, then one of
/// `auth_user`, then the newer.
#[cfg(any(feature = "postgres", feature = "sqlite"))]
pub(super) const DELETE_WORSE_GRANT: &str = "
    DELETE FROM grants WHERE subject = (
        SELECT subject FROM grants WHERE subject IN ($1, $2)
        ORDER BY access_expires_at IS NULL OR access_expires_at > $3 OR refresh_token IS NOT NULL
                     AND (refresh_expires_at IS NULL OR refresh_expires_at > $3) DESC,
                 scope = 'auth_user' DESC, granted_at DESC, subject
        LIMIT 1 OFFSET 1)";

/// Moves everything of the subject `$2` to `$1` and retires `$2`; run [`LATER_END`] and [`DELETE_WORSE_GRANT`] first.
/// Of two members keeps the newer; of two phone numbers a confirmed one, then the newer.
#[cfg(any(feature = "postgres", feature = "sqlite"))]
pub(super) const MERGE: &[&str] = &[
    "UPDATE subjects SET (nick_name, avatar, gender, province, city, stored_at, consented_at) =
         (SELECT nick_name, avatar, gender, province, city, stored_at, consented_at FROM members
          WHERE subject IN ($1, $2) ORDER BY stored_at DESC, subject LIMIT 1)
     WHERE id = $1",
    "UPDATE grants SET subject = $1 WHERE subject = $2",
    "UPDATE sessions SET subject = $1, scope = coalesce((SELECT scope FROM grants WHERE subject = $1), scope)
     WHERE subject IN ($1, $2)",
    "UPDATE consents SET subject = $1 WHERE subject = $2",
    "DELETE FROM phones WHERE subject = (
         SELECT subject FROM phones WHERE subject IN ($1, $2)
         ORDER BY confirmed DESC, stored_at DESC, subject LIMIT 1 OFFSET 1)",
    "UPDATE phones SET subject = $1 WHERE subject = $2",
    concat!(
        "UPDATE subjects SET retired_into = $1, user_id = NULL, open_id = NULL, union_id = NULL, ",
        no_member!(),
        " WHERE id = $2 OR retired_into = $2"
    ),
];

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::{
        crypto::SessionHash,
        store::{AfterWithdrawal, Withdrawn, audit::AuditEntry},
    };

    /// Rows from before there were subjects, for PostgreSQL; bytes are `'\x` and hexadecimal digits. User 1 was known
    /// by the user_id, then by both ids; user 2 by the user_id only, and has not been a member; user 3 by the open_id
    /// only. The platform once used another open_id for user 4. User 5 has only a consent, user 6 only a member.
    #[cfg(any(feature = "postgres", feature = "sqlite"))]
    pub(in crate::store) const OLD_ROWS: &str = "
        INSERT INTO members (app_id, subject, open_id, user_id, nick_name, stored_at) VALUES
            ('a', '2088000000000001', NULL, '2088000000000001', 'old', 10),
            ('a', 'open-1', 'open-1', '2088000000000001', 'new', 20),
            ('b', 'open-1', 'open-1', '2088000000000001', 'elsewhere', 20),
            ('a', 'open-4', 'open-4', '2088000000000004', 'four', 20),
            ('a', 'open-5', 'open-5', '2088000000000004', 'not four', 20),
            ('a', '2088000000000004', NULL, '2088000000000004', 'four as well', 20),
            ('a', 'open-6', 'open-6', '2088000000000006', 'six', 20);
        INSERT INTO grants (id, app_id, subject, scope, key_id, access_token, refresh_token, access_expires_at,
                            refresh_expires_at, granted_at, over_at) VALUES
            (11, 'a', '2088000000000001', 'auth_user', 'old', '\\x31', '\\x31', 9000000000000, 9000000000000, 5, 9000000000001),
            (12, 'a', 'open-1', 'auth_base', 'new', '\\x31', NULL, 20, NULL, 15, 9000000000002),
            (13, 'b', 'open-1', 'auth_user', 'b', '\\x31', NULL, 20, NULL, 15, 9000000000000),
            (2, 'a', '2088000000000002', 'auth_base', 'k', '\\x31', NULL, 20, NULL, 15, 9000000000000),
            (3, 'a', 'open-3', 'auth_base', 'k', '\\x31', NULL, 20, NULL, 15, 9000000000000),
            (4, 'a', 'open-4', 'auth_user', 'k', '\\x31', NULL, 20, NULL, 15, 9000000000000);
        INSERT INTO sessions (session_hash, grant_id, created_at, expires_at, app_id, subject, scope) VALUES
            ('\\x733131', 11, 5, 9000000000000, 'a', '2088000000000001', 'auth_user'),
            ('\\x733132', 12, 15, 9000000000000, 'a', 'open-1', 'auth_base'),
            ('\\x733133', 13, 15, 9000000000000, 'b', 'open-1', 'auth_user'),
            ('\\x7332', 2, 15, 9000000000000, 'a', '2088000000000002', 'auth_base'),
            ('\\x7333', 3, 15, 9000000000000, 'a', 'open-3', 'auth_base'),
            ('\\x7334', 4, 15, 9000000000000, 'a', 'open-4', 'auth_user');
        INSERT INTO consents (app_id, subject, scope, purpose, reported_at, received_at) VALUES
            ('a', '2088000000000001', 'auth_user', 'first', 5, 5), ('a', 'open-1', 'auth_user', 'second', 15, 15),
            ('a', '2088000000000007', 'auth_base', 'alone', 7, 7)";

    /// Asserts that [`OLD_ROWS`] were migrated correctly.
    #[cfg(any(feature = "postgres", feature = "sqlite"))]
    pub(in crate::store) async fn assert_taken_over(stores: &Stores) {
        let session = async |hash: &str| {
            stores.sessions.find(&SessionHash::from_stored(hash.as_bytes().to_vec())).await.unwrap().unwrap()
        };
        let [older, newer] = [11, 12].map(SubjectId::from_stored);
        for hash in ["s11", "s12"] {
            let owner = &session(hash).await.owner;
            assert_eq!((owner.app_id.as_str(), owner.subject, &*owner.previous), ("a", older, &[newer][..]));
            assert_eq!(owner.ids.each().collect::<Vec<_>>(), ["open-1", "2088000000000001"]);
            assert_eq!(owner.scope.as_str(), "auth_user", "the valid grant stays");
            assert_eq!(owner.member.as_ref().unwrap().view().nick_name.as_deref(), Some("new"));
        }
        for subject in [older, newer] {
            assert_eq!(stores.members.tokens(subject).await.unwrap().unwrap().key_id, "old");
            let owner = stores.members.owner(subject).await.unwrap().unwrap();
            assert_eq!((owner.subject, owner.previous), (older, vec![newer]), "a session in Redis finds its user");
            let consents = stores.members.consents(subject).await.unwrap();
            assert_eq!(consents.iter().map(|consent| &*consent.purpose).collect::<Vec<_>>(), ["second", "first"]);
        }
        for (hash, ids, nick_name) in [
            ("s13", &["open-1", "2088000000000001"][..], Some("elsewhere")),
            ("s2", &["2088000000000002"], None),
            ("s3", &["open-3"], None),
            ("s4", &["open-4"], Some("four")),
        ] {
            let owner = &session(hash).await.owner;
            assert_eq!(owner.ids.each().collect::<Vec<_>>(), ids, "{hash}");
            assert!(owner.previous.is_empty());
            let view = owner.member.as_ref().map(|member| member.view());
            assert_eq!(view.and_then(|view| view.nick_name.as_deref()), nick_name);
        }
        let withdrawn = async |open_id: &str, at: u64| {
            let (at, now) = (Timestamp::from_millis(at), Timestamp::from_millis(9_000_000_000_000));
            let ids = UserIds::from_ids(Some(open_id.to_owned()), None, None).unwrap();
            stores.withdraw("a", &ids, at, AfterWithdrawal::default(), &Actor::Platform, now).await.unwrap()
        };
        // They are taken to have consented five minutes before the recorded time; member 6 is stored at 20.
        assert_eq!(withdrawn("open-6", 0).await, Withdrawn::Ended);
        assert_eq!(withdrawn("open-6", 20).await, Withdrawn::NothingOlder);
        assert_eq!(stores.members.forget_grants(Timestamp::from_millis(9_000_000_000_002), 100).await.unwrap(), 4);
        assert!(
            stores.members.owner(older).await.unwrap().is_some(),
            "its grant lasts as long as the sessions of both"
        );
        let entry = AuditEntry::new(&Actor::User, AuditAction::MemberErased, Timestamp::from_millis(9));
        assert_eq!(stores.members.erase(newer, entry).await.unwrap().subjects.len(), 2);
        assert!(stores.sessions.find(&SessionHash::from_stored(b"s11".to_vec())).await.unwrap().is_none());
        assert!(stores.members.owner(older).await.unwrap().is_none());
    }

    /// Parses ids like `o1 u1 g1` by their first letters.
    fn ids(text: &str) -> UserIds {
        let find = |letter| text.split(' ').find(|id| id.starts_with(letter)).map(str::to_owned);
        UserIds::from_ids(find('o'), find('u'), find('g')).unwrap()
    }

    fn subject(number: i64, text: &str) -> Subject {
        Subject {
            id: SubjectId::from_stored(number),
            ids: ids(text),
            created_at: 100 - number,
            previous: vec![SubjectId::from_stored(number + 50)],
            ended: None,
        }
    }

    fn known(named: &str, found: &[(i64, &str)]) -> (i64, UserIds, bool, Vec<i64>, Vec<i64>) {
        let found = found.iter().map(|(number, text)| subject(*number, text)).collect();
        match judge(&ids(named), found).unwrap() {
            Verdict::Known { subject, learns, retired } => {
                let numbers = |ids: Vec<SubjectId>| ids.into_iter().map(SubjectId::stored).collect();
                (subject.id.stored(), subject.ids, learns, numbers(retired), numbers(subject.previous))
            }
            Verdict::New => panic!("somebody was found"),
        }
    }

    #[test]
    fn unknown_ids_mean_a_new_subject() {
        assert_eq!(judge(&ids("u1"), Vec::new()), Ok(Verdict::New));
    }

    #[test]
    fn a_known_user_learns_what_is_new_and_keeps_what_the_answer_leaves_out() {
        assert_eq!(known("u1", &[(1, "u1")]), (1, ids("u1"), false, vec![], vec![51]));
        assert_eq!(known("u1 o1", &[(1, "u1")]), (1, ids("o1 u1"), true, vec![], vec![51]));
        assert_eq!(known("o1", &[(1, "u1 o1 g1")]), (1, ids("u1 o1 g1"), false, vec![], vec![51]));
    }

    #[test]
    fn the_older_of_two_subjects_stays_with_the_ids_of_both() {
        for found in [[(1, "u1"), (2, "o1 g1")], [(2, "o1 g1"), (1, "u1")]] {
            let merged = (2, ids("u1 o1 g1"), true, vec![1], vec![52, 1, 51]);
            assert_eq!(known("u1 o1", &found), merged);
        }
        let three = [(1, "u1"), (2, "o1"), (3, "g1")];
        assert_eq!(known("u1 o1 g1", &three), (3, ids("u1 o1 g1"), true, vec![2, 1], vec![53, 2, 52, 1, 51]));
    }

    #[test]
    fn of_two_equally_old_subjects_the_smaller_id_stays() {
        let at_once = |number, text| Subject { created_at: 7, previous: Vec::new(), ..subject(number, text) };
        let found = vec![at_once(2, "o1"), at_once(1, "u1")];
        let Ok(Verdict::Known { subject, .. }) = judge(&ids("u1 o1"), found) else { panic!() };
        assert_eq!(subject.id.stored(), 1);
    }

    /// Checks every answer against every one or two subjects that it can find: it is refused exactly if there would be
    /// two ids of a kind, and no known id is lost.
    #[test]
    fn a_second_id_of_a_kind_is_always_refused_and_nothing_else_is() {
        let of_a_kind = |letter: &str| ["".to_owned(), format!("{letter}1"), format!("{letter}2")];
        let mut all = Vec::new();
        for open in of_a_kind("o") {
            for user in of_a_kind("u") {
                for union in of_a_kind("g") {
                    all.push(format!("{open} {user} {union}"));
                }
            }
        }
        all.retain(|text| !text.trim().is_empty());
        let kinds = |texts: &[&str]| {
            ["o", "u", "g"].map(|letter| {
                let mut of_kind: Vec<_> =
                    texts.iter().flat_map(|text| text.split(' ')).filter(|id| id.starts_with(letter)).collect();
                of_kind.sort_unstable();
                of_kind.dedup();
                of_kind.len()
            })
        };
        let shares =
            |one: &str, other: &str| one.split(' ').any(|id| !id.is_empty() && other.split(' ').any(|o| o == id));
        let (mut refused, mut taken) = (0, 0);
        for named in &all {
            for first in all.iter().filter(|first| shares(named, first)) {
                let none = String::new();
                let seconds = all.iter().filter(|second| shares(named, second) && !shares(first, second));
                for second in seconds.chain([&none]) {
                    let texts: Vec<&str> = [named, first, second]
                        .into_iter()
                        .map(String::as_str)
                        .filter(|text| !text.is_empty())
                        .collect();
                    let found: Vec<_> =
                        texts[1..].iter().zip(1..).map(|(text, number)| subject(number, text)).collect();
                    let outcome = judge(&ids(named), found);
                    if kinds(&texts).iter().any(|count| *count > 1) {
                        assert_eq!(outcome, Err(SecondIdError), "{texts:?}");
                        refused += 1;
                    } else {
                        let Ok(Verdict::Known { subject, .. }) = outcome else { panic!("{texts:?}") };
                        assert_eq!(subject.ids, ids(&texts.join(" ")), "{texts:?}");
                        taken += 1;
                    }
                }
            }
        }
        assert!(refused > 100 && taken > 100, "{refused} {taken}");
    }
}
