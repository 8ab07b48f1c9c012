//! The bearer of a request (RFC 6750).

use crate::api_error::ApiError;
use axum::http::{HeaderMap, header::AUTHORIZATION};
use miniauth_core::{error_code::ErrorCode, wire::SessionToken};

/// Returns the bearer of a request that must have one.
pub(crate) fn required(headers: &HeaderMap) -> Result<SessionToken, ApiError> {
    optional(headers)?.ok_or_else(|| ApiError::new(ErrorCode::BearerMissing))
}

/// Returns the bearer of a request if it has one.
pub(crate) fn optional(headers: &HeaderMap) -> Result<Option<SessionToken>, ApiError> {
    let malformed = || ApiError::new(ErrorCode::BearerMalformed);
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let Some(value) = values.next() else { return Ok(None) };
    // With two of them, a proxy may have judged by the other one.
    if values.next().is_some() {
        return Err(malformed());
    }
    let (scheme, token) = value.to_str().ok().and_then(|text| text.split_once(' ')).ok_or_else(malformed)?;
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(malformed());
    }
    SessionToken::parse(token).map(Some).map_err(|_| malformed())
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::{
        http::{HeaderValue, StatusCode},
        response::IntoResponse as _,
    };

    fn read(values: &[&[u8]]) -> Result<Option<String>, StatusCode> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(AUTHORIZATION, HeaderValue::from_bytes(value).unwrap());
        }
        optional(&headers)
            .map(|token| token.map(|token| token.expose().to_owned()))
            .map_err(|error| error.into_response().status())
    }

    #[test]
    fn one_well_formed_bearer_or_none() {
        let token = "x".repeat(43);
        assert_eq!(read(&[]), Ok(None));
        assert_eq!(read(&[format!("Bearer {token}").as_bytes()]), Ok(Some(token.clone())));
        assert_eq!(read(&[format!("bearer {token}").as_bytes()]), Ok(Some(token.clone())));
    }

    #[test]
    fn anything_else_is_malformed() {
        let token = "x".repeat(43);
        let good = format!("Bearer {token}");
        let cases: [&[&[u8]]; 8] = [
            &[b""],
            &[b"Bearer"],
            &[b"Bearer "],
            &[token.as_bytes()],
            &[b"Basic dXNlcjp3b3Jk"],
            &[b"Bearer \xe5\xbc\xa0"],
            &[b"Bearer short"],
            &[good.as_bytes(), good.as_bytes()],
        ];
        for case in cases {
            assert_eq!(read(case), Err(StatusCode::BAD_REQUEST), "{case:?}");
        }
        assert_eq!(read(&[format!("Bearer  {token}").as_bytes()]), Err(StatusCode::BAD_REQUEST));
    }
}
