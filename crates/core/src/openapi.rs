//! OpenAPI schemas of types that are more than a struct.

use crate::{
    consent::{MAXIMUM_PURPOSE_CHARACTERS, Purpose},
    error_code::ErrorCode,
    time::{LARGEST, Timestamp},
    wire::{AuthCode, LoginId, SessionToken},
};
use std::ops::RangeInclusive;
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{ObjectBuilder, RefOr, Schema, Type, schema::SchemaType},
};

macro_rules! schemas {
    ($($name:ident => $schema:expr;)+) => {$(
        impl ToSchema for $name {}

        impl PartialSchema for $name {
            fn schema() -> RefOr<Schema> {
                $schema.build().into()
            }
        }
    )+};
}

schemas! {
    AuthCode => token(&AuthCode::LENGTHS, "The platform's auth code for the page.", "2e4248c2f50b4653bf18ecee3466UC18");
    LoginId => token(&LoginId::LENGTHS, "Identifies a login attempt.", "b3f1c1f6a1d94d0c");
    SessionToken => token(&SessionToken::LENGTHS, "The bearer for requests to this server.", "Zm9yIGV4YW1wbGUsIG5vdCBhIHJlYWwgc2Vzc2lvbiE");
    Purpose => text()
        .description(Some("What the user was told: one sentence."))
        .min_length(Some(1))
        .max_length(Some(MAXIMUM_PURPOSE_CHARACTERS))
        .examples(["用于显示会员等级"]);
    Timestamp => ObjectBuilder::new()
        .schema_type(Type::Integer)
        .description(Some("In milliseconds since the Unix epoch."))
        .minimum(Some(0))
        .maximum(Some(LARGEST))
        .examples([1_780_000_000_000_u64]);
    ErrorCode => text()
        .description(Some("The stable code."))
        .enum_values(Some(ErrorCode::ALL.iter().filter(|code| code.status().is_some()).map(|code| code.as_str())));
}

/// Returns the schema of the answer of `my.getPhoneNumber` to the page.
pub(crate) fn text_or_object() -> Schema {
    ObjectBuilder::new()
        .schema_type(SchemaType::from_iter([Type::String, Type::Object]))
        .description(Some(
            "`response` of `my.getPhoneNumber`, unchanged: a text, or an object. Or `encryptedData` of `onGetPhoneNumber`, which may \
             also be posted under that name.",
        ))
        .min_length(Some(1))
        .examples([r#"{"response":"<base64>","sign":"<base64>"}"#])
        .into()
}

fn text() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String)
}

fn token(lengths: &RangeInclusive<usize>, what: &str, example: &str) -> ObjectBuilder {
    let pattern = format!("^[A-Za-z0-9._-]{{{},{}}}$", lengths.start(), lengths.end());
    text().description(Some(what)).pattern(Some(pattern)).examples([example])
}
