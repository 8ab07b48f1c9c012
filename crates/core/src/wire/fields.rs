//! Names under which display information travels.

/// Whether a field's name says that it holds display information: `nickName`, `nick_name`, `avatar`, `avatarUrl`,
/// `userInfo` and their like, in any case and with or without `_` and `-`.
///
/// ```
/// use miniauth_core::wire::is_display_field;
/// assert!(is_display_field("nick_name"));
/// assert!(is_display_field("avatarUrl"));
/// assert!(!is_display_field("name"));
/// ```
pub fn is_display_field(name: &str) -> bool {
    let plain: String =
        name.chars().filter(|character| !matches!(character, '_' | '-')).map(|c| c.to_ascii_lowercase()).collect();
    matches!(
        plain.as_str(),
        "nick"
            | "nickname"
            | "usernick"
            | "usernickname"
            | "avatar"
            | "avatarurl"
            | "useravatar"
            | "headimg"
            | "headimgurl"
            | "userinfo"
            | "authuserinfo"
            | "openuserinfo"
            | "displayinfo"
    )
}
