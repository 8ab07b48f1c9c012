//! Information about the user that is for display only.

use std::fmt;

/// The text in place of the values when display information is printed, or serialised in JavaScript. The guard also
/// looks for this text, so a page that sends the object itself gets an error with the path.
pub const REDACTION: &str = "[miniauth: display only]";

/// Nickname and avatar, as the page got them from the platform.
///
/// They cannot be serialised, compared or read: [`render`](Self::render) is the only way to use them.
///
/// ```
/// use miniauth_core::display::DisplayInfo;
/// let info = DisplayInfo::new(Some("张伟".into()), None);
/// assert_eq!(info.render(|shown| shown.nick_name.map(str::len)), Some(6));
/// assert!(!format!("{info:?}").contains("张伟"));
/// ```
pub struct DisplayInfo {
    nick_name: Option<String>,
    avatar: Option<String>,
}

/// The values, during one rendering.
#[derive(Clone, Copy)]
pub struct Shown<'info> {
    /// The nickname, if the user has one.
    pub nick_name: Option<&'info str>,
    /// The avatar's URL, if the user has one.
    pub avatar: Option<&'info str>,
}

impl DisplayInfo {
    /// Takes the values of the platform's answer. An empty text counts as absent.
    pub fn new(nick_name: Option<String>, avatar: Option<String>) -> Self {
        let present = |text: Option<String>| text.filter(|text| !text.is_empty());
        Self { nick_name: present(nick_name), avatar: present(avatar) }
    }

    /// Returns whether the user has neither nickname nor avatar.
    pub const fn is_empty(&self) -> bool {
        self.nick_name.is_none() && self.avatar.is_none()
    }

    /// Passes the values to `show`, which displays them.
    pub fn render<T>(&self, show: impl FnOnce(Shown<'_>) -> T) -> T {
        show(Shown { nick_name: self.nick_name.as_deref(), avatar: self.avatar.as_deref() })
    }
}

impl fmt::Debug for DisplayInfo {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(REDACTION)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn info(nick_name: Option<&str>, avatar: Option<&str>) -> DisplayInfo {
        DisplayInfo::new(nick_name.map(Into::into), avatar.map(Into::into))
    }

    #[test]
    fn it_is_empty_without_nickname_and_avatar_and_empty_texts_are_none() {
        for (nick_name, avatar) in [(None, None), (Some(""), None), (None, Some("")), (Some(""), Some(""))] {
            let info = info(nick_name, avatar);
            assert!(info.is_empty(), "{nick_name:?} {avatar:?}");
            assert_eq!(info.render(|shown| (shown.nick_name.is_some(), shown.avatar.is_some())), (false, false));
        }
        assert!(!info(Some("张伟"), None).is_empty());
        assert!(!info(Some(""), Some("https://a.example/1")).is_empty());
    }

    #[test]
    fn it_prints_as_a_redaction() {
        let printed = format!("{:?}", info(Some("张伟"), Some("https://a.example/1")));
        assert_eq!(printed, REDACTION);
    }
}
