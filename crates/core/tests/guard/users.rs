//! Nicknames and avatars as users have them.

use miniauth_core::{display::DisplayInfo, guard::Guard};

pub(crate) struct User {
    pub(crate) nick_name: &'static str,
    pub(crate) avatar: &'static str,
}

pub(crate) const fn user(nick_name: &'static str, avatar: &'static str) -> User {
    User { nick_name, avatar }
}

/// Chinese, English, mixed, short, common and awkward nicknames, with own avatars and one default avatar.
pub(crate) const USERS: [User; 16] = [
    user("爱喝茶的小张", "https://tfs.alipayobjects.com/images/partner/T1Z3FcXkdUaBcDeFgH"),
    user("星辰大海🌊", "https://tfs.alipayobjects.com/images/partner/T1kQpLXcdNqRsTuVwX"),
    user("快乐每一天", "https://tfs.alipayobjects.com/images/partner/TB1XLrabKxFDuNjm2E"),
    user("平安是福", "https://tfs.alipayobjects.com/images/partner/T1vyZwXlhFcDeFgHiJ"),
    user("张伟", "https://tfs.alipayobjects.com/images/partner/T1QxpcXn8PkLmNoPqR"),
    user("小雨", "https://tfs.alipayobjects.com/images/partner/T1GKJfXnliStUvWxYz"),
    user("晴", "https://tfs.alipayobjects.com/images/partner/T1AyhcXfVGaBcDeFgH"),
    user("李娜", "https://tfs.alipayobjects.com/images/partner/default_avatar.png"),
    user("Bob", "https://tfs.alipayobjects.com/images/partner/T1VpheXnCdIjKlMnOp"),
    user("Lily", "https://tfs.alipayobjects.com/images/partner/T1zRNCXdtcQrStUvWx"),
    user("test", "https://tfs.alipayobjects.com/images/partner/TB1OD00cMSJDuNjAbC"),
    user("Tom Lee", "https://tfs.alipayobjects.com/images/partner/T1hKrXXbpeDeFgHiJk"),
    user("sunshine", "https://tfs.alipayobjects.com/images/partner/T1mNoXXcqfLmNoPqRs"),
    user("阿May", "https://tfs.alipayobjects.com/images/partner/T1tUvXXdrgTuVwXyZa"),
    user("50% off & more", "https://tfs.alipayobjects.com/images/partner/T1bCdXXeshBcDeFgHi"),
    user(r#"A"}{"sign":"x\"#, "https://tfs.alipayobjects.com/images/partner/T1jKlXXftiJkLmNoPq"),
];

impl User {
    pub(crate) fn info(&self) -> DisplayInfo {
        DisplayInfo::new(Some(self.nick_name.to_owned()), Some(self.avatar.to_owned()))
    }

    pub(crate) fn guard(&self) -> Guard {
        let mut guard = Guard::default();
        guard.remember(&self.info(), |_, _| Vec::new());
        guard
    }

    /// Whether the nickname counts in any place.
    pub(crate) fn has_telling_name(&self) -> bool {
        self.nick_name.chars().count() >= 4 && self.nick_name != "test"
    }
}
