//! The refusals that this platform knows, with the words of the real one.

use serde::Serialize;
use std::borrow::Cow;

/// `code`, `msg`, `sub_code` and `sub_msg` of a refusal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Refusal {
    pub(crate) code: &'static str,
    pub(crate) msg: &'static str,
    pub(crate) sub_code: &'static str,
    pub(crate) sub_msg: Cow<'static, str>,
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

pub(super) const MISSING_APP_CERTIFICATE: Refusal = invalid("isv.missing-app-cert-sn", "缺少应用公钥证书序列号");
pub(super) const MISSING_ROOT_CERTIFICATE: Refusal =
    invalid("isv.missing-alipay-root-cert-sn", "缺少支付宝根证书序列号");
pub(super) const APP_CERTIFICATE_UNKNOWN: Refusal = invalid("isv.app-cert-not-exist", "应用公钥证书不存在");
pub(super) const INVALID_ROOT_CERTIFICATE: Refusal =
    invalid("isv.invalid-alipay-root-cert-sn", "支付宝根证书序列号无效");

pub(super) const REFRESH_TOKEN_INVALID: Refusal = invalid("isv.refresh-token-invalid", "刷新令牌refresh_token无效");
pub(super) const REFRESH_TOKEN_TIME_OUT: Refusal = invalid("isv.refresh-token-time-out", "刷新令牌refresh_token过期");
pub(super) const REFRESHED_TOKEN_INVALID: Refusal = invalid("isv.refreshed-token-invalid", "刷新出来的令牌无效");
pub(super) const UNMATCHED_APP_ID: Refusal = invalid("isv.unmatched-app-id", "授权码或令牌与appId不匹配");

pub(super) const INVALID_AUTH_TOKEN: Refusal = token("aop.invalid-auth-token", "无效的访问令牌");
pub(super) const AUTH_TOKEN_TIME_OUT: Refusal = token("aop.auth-token-time-out", "访问令牌已过期");

/// The app has left the platform no key for the signature that it sends.
const MISSING_SIGNATURE_CONFIG: Refusal =
    missing("isv.missing-signature-config", "应用未配置对应签名算法的公钥或者证书");

pub(crate) const INVALID_AUTH_RELATIONS: Refusal = Refusal {
    code: "40003",
    msg: "Insufficient Conditions",
    sub_code: "isv.invalid-auth-relations",
    sub_msg: Cow::Borrowed("无效的授权关系"),
};

pub(crate) const PRODUCT_NOT_IN_FORCE: Refusal = Refusal {
    code: "40006",
    msg: "Insufficient Permissions",
    sub_code: "isv.insufficient-isv-permissions",
    sub_msg: Cow::Borrowed("ISV权限不足，建议在开发者中心检查对应功能是否已经添加"),
};

/// The platform's own failure, which passes.
const SERVICE_UNAVAILABLE: Refusal = Refusal {
    code: "20000",
    msg: "Service Currently Unavailable",
    sub_code: "isp.unknow-error",
    sub_msg: Cow::Borrowed("系统繁忙"),
};

/// Every refusal that can be had on demand.
static ALL: [Refusal; 30] = [
    MISSING_METHOD,
    MISSING_APP_ID,
    MISSING_SIGNATURE,
    MISSING_SIGNATURE_TYPE,
    MISSING_TIMESTAMP,
    MISSING_VERSION,
    INVALID_PARAMETER,
    INVALID_METHOD,
    INVALID_APP_ID,
    INVALID_CHARSET,
    INVALID_SIGNATURE,
    INVALID_SIGNATURE_TYPE,
    INVALID_TIMESTAMP,
    MISSING_APP_CERTIFICATE,
    MISSING_ROOT_CERTIFICATE,
    APP_CERTIFICATE_UNKNOWN,
    INVALID_ROOT_CERTIFICATE,
    GRANT_TYPE_INVALID,
    CODE_INVALID,
    REFRESH_TOKEN_INVALID,
    REFRESH_TOKEN_TIME_OUT,
    REFRESHED_TOKEN_INVALID,
    UNMATCHED_APP_ID,
    INVALID_TOKEN,
    INVALID_AUTH_TOKEN,
    AUTH_TOKEN_TIME_OUT,
    MISSING_SIGNATURE_CONFIG,
    INVALID_AUTH_RELATIONS,
    PRODUCT_NOT_IN_FORCE,
    SERVICE_UNAVAILABLE,
];

impl Refusal {
    /// The refusal of that `sub_code`.
    pub(crate) fn find(sub_code: &str) -> Option<&'static Self> {
        ALL.iter().find(|refusal| refusal.sub_code == sub_code)
    }

    /// Whether it tells, of a request, that the app is not known, or has left the platform no key.
    pub(super) fn is_of_no_app(&self) -> bool {
        [MISSING_APP_ID, INVALID_APP_ID, MISSING_SIGNATURE_CONFIG].contains(self)
    }

    /// Every `sub_code` that [`find`](Self::find) knows.
    pub(crate) fn sub_codes() -> impl Iterator<Item = &'static str> {
        ALL.iter().map(|refusal| refusal.sub_code)
    }
}
