//! The refusals that this platform knows, with the words of the real one.

use serde::Serialize;
use std::borrow::Cow;

/// `code`, `msg`, `sub_code` and `sub_msg` of a refusal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Refusal {
    pub(super) code: &'static str,
    pub(super) msg: &'static str,
    pub(super) sub_code: &'static str,
    pub(super) sub_msg: Cow<'static, str>,
}

const fn missing(sub_code: &'static str, sub_msg: &'static str) -> Refusal {
    Refusal { code: "40001", msg: "Missing Required Arguments", sub_code, sub_msg: Cow::Borrowed(sub_msg) }
}

const fn invalid(sub_code: &'static str, sub_msg: &'static str) -> Refusal {
    Refusal { code: "40002", msg: "Invalid Arguments", sub_code, sub_msg: Cow::Borrowed(sub_msg) }
}

const fn token(sub_code: &'static str, sub_msg: &'static str) -> Refusal {
    Refusal { code: "20001", msg: "Insufficient Token Permissions", sub_code, sub_msg: Cow::Borrowed(sub_msg) }
}

pub(super) const MISSING_METHOD: Refusal = missing("isv.missing-method", "缺少方法名参数");
pub(super) const MISSING_APP_ID: Refusal = missing("isv.missing-app-id", "缺少appId参数");
pub(super) const MISSING_SIGNATURE: Refusal = missing("isv.missing-signature", "缺少签名参数");
pub(super) const MISSING_SIGNATURE_TYPE: Refusal = missing("isv.missing-signature-type", "缺少签名类型参数");
pub(super) const MISSING_TIMESTAMP: Refusal = missing("isv.missing-timestamp", "缺少时间戳参数");
pub(super) const MISSING_VERSION: Refusal = missing("isv.missing-version", "缺少版本参数");

pub(super) const INVALID_PARAMETER: Refusal = invalid("isv.invalid-parameter", "参数无效");
pub(super) const INVALID_METHOD: Refusal = invalid("isv.invalid-method", "不存在的方法名");
pub(super) const INVALID_APP_ID: Refusal = invalid("isv.invalid-app-id", "无效的AppID参数");
pub(super) const INVALID_CHARSET: Refusal = invalid("isv.invalid-charset", "不支持的字符集");
pub(super) const INVALID_SIGNATURE: Refusal = invalid("isv.invalid-signature", "验签出错");
pub(super) const INVALID_SIGNATURE_TYPE: Refusal = invalid("isv.invalid-signature-type", "无效签名类型");
pub(super) const INVALID_TIMESTAMP: Refusal = invalid("isv.invalid-timestamp", "非法的时间戳参数");
pub(super) const GRANT_TYPE_INVALID: Refusal = invalid("isv.grant-type-invalid", "grant_type参数无效");
pub(super) const CODE_INVALID: Refusal = invalid("isv.code-invalid", "授权码code无效");
pub(super) const INVALID_TOKEN: Refusal = invalid("isv.invalid-token", "无效token");

pub(super) const INVALID_AUTH_TOKEN: Refusal = token("aop.invalid-auth-token", "无效的访问令牌");
pub(super) const AUTH_TOKEN_TIME_OUT: Refusal = token("aop.auth-token-time-out", "访问令牌已过期");

pub(super) const PRODUCT_NOT_IN_FORCE: Refusal = Refusal {
    code: "40006",
    msg: "Insufficient Permissions",
    sub_code: "isv.insufficient-isv-permissions",
    sub_msg: Cow::Borrowed("ISV权限不足，建议在开发者中心检查对应功能是否已经添加"),
};
