//! The platform's refusals that are known, from its documentation and its SDKs.

use crate::advice::{
    Action::{self, FixConfiguration as Fix, Reauthorize, ReportBug, RetryLater},
    Reason, Setting,
};
use miniauth_core::error_code::ErrorCode;

/// What one refusal means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Refusal {
    /// The `sub_code`, or the `code` where no `sub_code` is known.
    code: &'static str,
    pub(crate) meaning: ErrorCode,
    pub(crate) action: Action,
    pub(crate) reason: Reason,
}

macro_rules! refusals {
    ($( $code:literal => $meaning:ident, $action:expr, $zh:literal, $en:literal; )+) => {
        &[ $( Refusal {
            code: $code,
            meaning: ErrorCode::$meaning,
            action: $action,
            reason: Reason { zh: $zh, en: $en },
        }, )+ ]
    };
}

/// What a refusal means: its `sub_code` decides, and its `code` where that is not known.
pub(crate) fn find(code: &str, sub_code: Option<&str>) -> &'static Refusal {
    let by = |wanted: &str, table: &'static [Refusal]| table.iter().find(|refusal| refusal.code == wanted);
    sub_code.and_then(|sub_code| by(sub_code, BY_SUB_CODE)).or_else(|| by(code, BY_CODE)).unwrap_or(&UNKNOWN)
}

const BY_SUB_CODE: &[Refusal] = refusals! {
    // alipay.system.oauth.token
    "isv.code-invalid" => CodeInvalid, Reauthorize,
        "授权码无效：已使用过、已过期，或不是为此应用签发的。",
        "The auth code was used before, is too old, or is another app's.";
    "isv.grant-type-invalid" => GatewayRejected, ReportBug,
        "grant_type 不正确。", "The grant_type is neither authorization_code nor refresh_token.";
    "isv.refresh-token-invalid" => ScopeInsufficient, Reauthorize,
        "刷新令牌无效，需要用户重新授权。", "The refresh token is not valid: the user has to authorise again.";
    "isv.refresh-token-time-out" => ScopeInsufficient, Reauthorize,
        "刷新令牌已过期，需要用户重新授权。", "The refresh token is too old: the user has to authorise again.";
    "isv.refreshed-token-invalid" => ScopeInsufficient, Reauthorize,
        "该刷新令牌已被刷新过，需要用户重新授权。", "The refresh token was used before: the user has to authorise again.";
    "isv.unmatched-app-id" => ServerMisconfigured, Fix(Setting::AppId),
        "授权码或令牌属于另一个应用：请检查 app_id。", "The code or token is another app's: check app_id.";
    "isp.unknow-error" => GatewayUnavailable, RetryLater,
        "平台内部错误，请稍后再试。", "The platform failed: try again later.";
    "aop.unknow-error" => GatewayUnavailable, RetryLater,
        "网关内部错误，请稍后再试。", "The gateway failed: try again later.";
    // alipay.user.info.share
    "aop.invalid-auth-token" => ScopeInsufficient, Reauthorize,
        "访问令牌无效，或用户已取消授权。", "The access token is not valid, or the user took the consent back.";
    "aop.auth-token-time-out" => ScopeInsufficient, Reauthorize,
        "访问令牌已过期。", "The access token is too old.";
    "isv.invalid-token" => ScopeInsufficient, Fix(Setting::Scope),
        "两种原因：授权码不是以 auth_user 获取的；或令牌用在了 alipay.user.info.share 以外的接口。",
        "Two causes: the auth code was got without auth_user, or the token was used with another API than \
         alipay.user.info.share.";
    "isv.insufficient-user-permissions" => ScopeInsufficient, Reauthorize,
        "用户没有授予该权限。", "The user has not granted this.";
    "isv.insufficient-isv-permissions" => ProductNotInForce, Fix(Setting::Product),
        "应用未开通“获取会员信息”：请在控制台添加该产品并等待生效。",
        "The product 获取会员信息 is not in force: add it in the console and wait until it is.";
    // Common to all: who is calling.
    "isv.invalid-app-id" => ServerMisconfigured, Fix(Setting::AppId),
        "app_id 无效，或应用未上线，或与网关环境不符。",
        "The app id is wrong, the app is not online, or it belongs to the other environment (production or sandbox).";
    "isv.missing-app-id" => ServerMisconfigured, Fix(Setting::AppId), "缺少 app_id。", "The app id is missing.";
    "isv.invalid-signature" => ServerMisconfigured, Fix(Setting::AppPrivateKey),
        "平台验签失败：应用私钥与控制台中的应用公钥不是一对，或 charset 与签名时不同。",
        "The platform could not verify our signature: the app's private key and the public key in the console are not a \
         pair, or the charset differs.";
    "isv.missing-signature" => GatewayRejected, ReportBug, "缺少签名。", "The signature is missing.";
    "isv.missing-signature-key" => ServerMisconfigured, Fix(Setting::AppPrivateKey),
        "控制台中没有应用公钥：请先上传。", "The console has no public key of the app: upload it first.";
    "isv.missing-signature-config" => ServerMisconfigured, Fix(Setting::AppPrivateKey),
        "控制台中没有接口加签配置：请先设置密钥或证书。", "The console has no key or certificate of the app: set one up first.";
    "isv.missing-signature-type" => GatewayRejected, ReportBug, "缺少签名类型。", "The sign_type is missing.";
    "isv.invalid-signature-type" => ServerMisconfigured, Fix(Setting::AppPrivateKey),
        "控制台中的密钥不是 RSA2 密钥。", "The console's key for this app is not an RSA2 key.";
    "isv.missing-app-cert-sn" => ServerMisconfigured, Fix(Setting::AppCertificate),
        "应用为证书模式：请配置三个证书文件。", "The app is in certificate mode: configure the three certificates.";
    "isv.app-cert-not-exist" => ServerMisconfigured, Fix(Setting::AppCertificate),
        "应用公钥证书与控制台中的不一致。", "The app's certificate is not the one in the console.";
    "isv.app-cert-expired" => ServerMisconfigured, Fix(Setting::AppCertificate),
        "应用公钥证书已过期：请在控制台更换。", "The app's certificate is too old: have a new one issued in the console.";
    "isv.missing-alipay-root-cert-sn" => ServerMisconfigured, Fix(Setting::RootCertificates),
        "缺少支付宝根证书序列号。", "The root certificates are missing.";
    "isv.invalid-alipay-root-cert-sn" => ServerMisconfigured, Fix(Setting::RootCertificates),
        "支付宝根证书不正确：请重新下载 alipayRootCert.crt。", "The root certificates are wrong: download alipayRootCert.crt again.";
    "isv.invalid-timestamp" => ServerMisconfigured, Fix(Setting::Clock),
        "时间戳不正确：请校准服务器时钟。", "The timestamp is wrong: set this machine's clock.";
    "isv.missing-timestamp" => GatewayRejected, ReportBug, "缺少时间戳。", "The timestamp is missing.";
    "isv.invalid-charset" => ServerMisconfigured, Fix(Setting::Charset),
        "字符集不受支持：请使用 utf-8 或 GBK。", "The charset is not supported: use utf-8 or GBK.";
    "isv.invalid-encrypt-type" => ServerMisconfigured, Fix(Setting::ContentEncryption),
        "接口内容加密设置不一致。", "The app's content encryption is set up differently in the console.";
};

const BY_CODE: &[Refusal] = refusals! {
    "20000" => GatewayUnavailable, RetryLater, "平台服务暂时不可用。", "The platform's service is not available for now.";
    "20001" => ScopeInsufficient, Reauthorize, "授权令牌权限不足。", "The token does not allow this.";
    "40001" => GatewayRejected, ReportBug, "缺少必选参数。", "A required parameter is missing.";
    "40002" => GatewayRejected, ReportBug, "参数无效。", "A parameter is not valid.";
    "40005" => GatewayUnavailable, RetryLater, "调用次数超限。", "There were too many calls.";
    "40006" => ProductNotInForce, Fix(Setting::Product),
        "应用权限不足：请在控制台检查产品是否已开通。", "The app lacks a permission: check its products in the console.";
};

const UNKNOWN: Refusal = Refusal {
    code: "",
    meaning: ErrorCode::GatewayRejected,
    action: ReportBug,
    reason: Reason {
        zh: "平台拒绝了调用：请查阅该接口文档中的 sub_code。",
        en: "Look the sub_code up in the documentation of the called API.",
    },
};

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn every_row_is_found_and_says_why_in_both_languages() {
        let mut seen = HashSet::new();
        for refusal in BY_SUB_CODE {
            assert!(seen.insert(refusal.code), "{} stands twice", refusal.code);
            assert_eq!(find("40002", Some(refusal.code)), refusal);
        }
        for refusal in BY_CODE {
            assert!(seen.insert(refusal.code));
            assert_eq!(find(refusal.code, Some("isv.something-new")), refusal);
        }
        for refusal in BY_SUB_CODE.iter().chain(BY_CODE).chain([&UNKNOWN]) {
            assert!(refusal.reason.zh.ends_with('。') && refusal.reason.en.ends_with('.'), "{}", refusal.code);
        }
        assert_eq!(find("49999", None), &UNKNOWN);
    }

    #[test]
    fn a_new_authorisation_is_asked_for_only_where_it_helps() {
        for refusal in BY_SUB_CODE.iter().filter(|refusal| refusal.action == Reauthorize) {
            assert!(refusal.meaning.reauthorize(), "{}", refusal.code);
        }
    }
}
