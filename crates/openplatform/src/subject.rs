//! Who an answer is about.

use std::fmt;
use thiserror::Error;

/// Longest id that is taken, in bytes. Today's have 16 (`user_id`) and some 50 characters (`open_id`).
const MAXIMUM_ID: usize = 128;

/// A user of the platform, as this app may name them.
///
/// Newer apps get `open_id` and no `user_id`, older ones the other way round; some get both.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Subject {
    open_id: Option<String>,
    user_id: Option<String>,
}

impl Subject {
    /// A user with at least one id. An empty id counts as none.
    ///
    /// # Errors
    /// [`SubjectFault`] when there is no id, or one is longer than 128 bytes or not visible ASCII.
    pub fn from_ids(open_id: Option<String>, user_id: Option<String>) -> Result<Self, SubjectFault> {
        let (open_id, user_id) = (checked(open_id)?, checked(user_id)?);
        if open_id.is_none() && user_id.is_none() { Err(SubjectFault::Nameless) } else { Ok(Self { open_id, user_id }) }
    }

    /// What a member is kept under, together with the app id: the open id, or the user id where there is no open id.
    pub fn key(&self) -> &str {
        self.open_id.as_deref().or(self.user_id.as_deref()).unwrap_or_default()
    }

    /// The user's id for this app alone.
    pub fn open_id(&self) -> Option<&str> {
        self.open_id.as_deref()
    }

    /// The user's id on the platform.
    pub fn user_id(&self) -> Option<&str> {
        self.user_id.as_deref()
    }

    /// Whether both are surely the same user: they share at least one kind of id, and differ in none that both have.
    pub fn same_user(&self, other: &Self) -> bool {
        let agreements = [agree(&self.open_id, &other.open_id), agree(&self.user_id, &other.user_id)];
        agreements.contains(&Some(true)) && !agreements.contains(&Some(false))
    }
}

fn checked(id: Option<String>) -> Result<Option<String>, SubjectFault> {
    match id {
        Some(id) if id.len() > MAXIMUM_ID || !id.bytes().all(|byte| byte.is_ascii_graphic()) => {
            Err(SubjectFault::Malformed)
        }
        id => Ok(id.filter(|id| !id.is_empty())),
    }
}

fn agree(one: &Option<String>, other: &Option<String>) -> Option<bool> {
    Some(one.as_ref()? == other.as_ref()?)
}

impl fmt::Debug for Subject {
    /// Ids are personal data: they do not belong into logs.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Subject(redacted)")
    }
}

/// Why ids name no user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum SubjectFault {
    /// There is neither an open id nor a user id.
    #[error("there is neither an open_id nor a user_id")]
    Nameless,
    /// An id is too long or has characters that no id has.
    #[error("an open_id or user_id is longer than {MAXIMUM_ID} bytes or not visible ASCII")]
    Malformed,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn subject(open_id: &str, user_id: &str) -> Subject {
        Subject::from_ids(Some(open_id.to_owned()), Some(user_id.to_owned())).unwrap()
    }

    #[test]
    fn a_user_is_the_same_only_when_an_id_says_so_and_none_denies_it() {
        assert!(subject("o1", "u1").same_user(&subject("o1", "u1")));
        assert!(subject("o1", "").same_user(&subject("o1", "u1")), "one side may know more");
        assert!(subject("", "u1").same_user(&subject("o1", "u1")));
        assert!(!subject("o1", "u1").same_user(&subject("o1", "u2")), "one agrees, one denies");
        assert!(!subject("o1", "u1").same_user(&subject("o2", "u1")));
        assert!(!subject("o1", "").same_user(&subject("", "u1")), "nothing in common proves nothing");
        assert!(!subject("same", "").same_user(&subject("", "same")), "the two kinds of id do not mix");
    }

    #[test]
    fn the_key_is_the_open_id_where_there_is_one() {
        assert_eq!(subject("o1", "u1").key(), "o1");
        assert_eq!(subject("", "u1").key(), "u1");
    }

    #[test]
    fn ids_are_bounded_and_do_not_print() {
        assert_eq!(Subject::from_ids(None, Some(String::new())), Err(SubjectFault::Nameless));
        assert_eq!(Subject::from_ids(Some("a b".to_owned()), None), Err(SubjectFault::Malformed));
        assert_eq!(Subject::from_ids(None, Some("1".repeat(129))), Err(SubjectFault::Malformed));
        assert!(!format!("{:?}", subject("074a1CcTG1LelxKe4xQC0zgNdId0nxi95b5lsNpazWYoCo5", "")).contains("074a"));
    }
}
