//! The product "获取会员信息" and what the user consents to with it.

use miniauth_core::scope::Scope;

/// What a consent panel says that the app gets.
pub(crate) fn consent_items(scope: Scope) -> &'static [&'static str] {
    match scope {
        Scope::AuthBase => &[],
        Scope::AuthUser => &["昵称", "头像", "性别", "省份", "城市"],
    }
}
