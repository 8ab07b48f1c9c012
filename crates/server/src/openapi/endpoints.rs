//! Every endpoint: what it is for, what it takes and answers, and how it can fail.

use miniauth_core::error_code::ErrorCode::{self, *};
use utoipa::openapi::HttpMethod;

/// One method of one path.
pub(super) struct Endpoint {
    pub(super) method: HttpMethod,
    pub(super) path: &'static str,
    pub(super) id: &'static str,
    pub(super) summary: &'static str,
    pub(super) bearer: Bearer,
    /// Status, what it means, and the body: a schema's name, or a media type without one.
    pub(super) success: (u16, &'static str, Body),
    pub(super) failures: &'static [&'static [ErrorCode]],
}

/// Whether a session is sent along.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Bearer {
    None,
    /// One that is sent is replaced.
    Optional,
    Required,
}

/// The body of a success.
pub(super) enum Body {
    None,
    Json(&'static str),
    Other(&'static str),
}

/// What can happen to any request of a client.
const ANY: &[ErrorCode] = &[BearerMalformed, RateLimited, Internal, Overloaded];

/// What a session that is no more is answered.
const SESSION: &[ErrorCode] = &[BearerMissing, SessionExpired, SessionUnknown];

/// What can be wrong with a posted body.
const POSTED: &[ErrorCode] = &[
    BodyMalformed,
    RequestTimeout,
    BodyTooLarge,
    ContentTypeUnsupported,
    DisplayOnlyForwarded,
    FieldInvalid,
    FieldUnknown,
];

/// What the open platform behind the server can do.
const PLATFORM: &[ErrorCode] = &[
    ScopeInsufficient,
    ServerMisconfigured,
    GatewayIdentityMismatch,
    GatewayRejected,
    GatewayUntrusted,
    ProductNotInForce,
    GatewayUnavailable,
];

pub(super) const ENDPOINTS: &[Endpoint] = &[
    Endpoint {
        method: HttpMethod::Post,
        path: "/auth",
        id: "logIn",
        summary: "Exchanges an auth code for a session. Each code is exchanged once, whatever happens.",
        bearer: Bearer::Optional,
        success: (200, "The session, and the member as stored.", Body::Json("AuthAnswer")),
        failures: &[ANY, POSTED, PLATFORM, &[CodeUsed, CodeOutcomeUnknown, CodeInvalid]],
    },
    Endpoint {
        method: HttpMethod::Delete,
        path: "/auth",
        id: "logOut",
        summary: "Ends the session; one that is over already is ended too.",
        bearer: Bearer::Required,
        success: (204, "It is over.", Body::None),
        failures: &[ANY, &[BearerMissing]],
    },
    Endpoint {
        method: HttpMethod::Get,
        path: "/session",
        id: "getSession",
        summary: "Whether the session lives, and what it rests on.",
        bearer: Bearer::Required,
        success: (200, "It lives.", Body::Json("Session")),
        failures: &[ANY, SESSION],
    },
    Endpoint {
        method: HttpMethod::Get,
        path: "/member",
        id: "getMember",
        summary: "The member as stored.",
        bearer: Bearer::Required,
        success: (200, "The member.", Body::Json("Member")),
        failures: &[ANY, SESSION, &[MemberUnknown]],
    },
    Endpoint {
        method: HttpMethod::Delete,
        path: "/member",
        id: "eraseMember",
        summary: "Erases everything about the user: profile, tokens, sessions and consents, at once and for good.",
        bearer: Bearer::Required,
        success: (204, "It is gone.", Body::None),
        failures: &[ANY, SESSION],
    },
    Endpoint {
        method: HttpMethod::Post,
        path: "/member/refresh",
        id: "refreshMember",
        summary: "Asks the open platform about the member again.",
        bearer: Bearer::Required,
        success: (200, "The member as it is now.", Body::Json("Member")),
        failures: &[ANY, SESSION, PLATFORM, &[MemberUnknown, GrantExpired]],
    },
    Endpoint {
        method: HttpMethod::Get,
        path: "/sessions",
        id: "listSessions",
        summary: "The user's living sessions.",
        bearer: Bearer::Required,
        success: (200, "The newest first.", Body::Json("Sessions")),
        failures: &[ANY, SESSION],
    },
    Endpoint {
        method: HttpMethod::Delete,
        path: "/sessions/{id}",
        id: "revokeSession",
        summary: "Ends a session of the same user, on a lost phone say.",
        bearer: Bearer::Required,
        success: (204, "It is over, if it was the user's.", Body::None),
        failures: &[ANY, SESSION, &[NotFound]],
    },
    Endpoint {
        method: HttpMethod::Get,
        path: "/consents",
        id: "listConsents",
        summary: "What the user's clients reported about consent, as reported.",
        bearer: Bearer::Required,
        success: (200, "The newest first.", Body::Json("Consents")),
        failures: &[ANY, SESSION],
    },
    Endpoint {
        method: HttpMethod::Get,
        path: "/healthz",
        id: "healthz",
        summary: "Whether the server answers at all.",
        bearer: Bearer::None,
        success: (200, "It does.", Body::Json("Status")),
        failures: &[],
    },
    Endpoint {
        method: HttpMethod::Get,
        path: "/readyz",
        id: "readyz",
        summary: "Whether the server can work: whether its stores answer.",
        bearer: Bearer::None,
        success: (200, "It can.", Body::Json("Status")),
        failures: &[&[Overloaded]],
    },
    Endpoint {
        method: HttpMethod::Get,
        path: "/metrics",
        id: "metrics",
        summary: "Counters for Prometheus.",
        bearer: Bearer::None,
        success: (200, "The text format, version 0.0.4.", Body::Other("text/plain")),
        failures: &[],
    },
    Endpoint {
        method: HttpMethod::Get,
        path: "/openapi.json",
        id: "openapi",
        summary: "This description.",
        bearer: Bearer::None,
        success: (200, "An OpenAPI document.", Body::Other("application/json")),
        failures: &[],
    },
];
