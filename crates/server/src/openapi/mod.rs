//! The description of the wire as an OpenAPI document, for `/openapi.json`.

mod endpoints;
mod schemas;

use endpoints::{Bearer, Body, ENDPOINTS, Endpoint};
use miniauth_core::{error_code, wire::Problem};
use serde_json::json;
use std::{collections::BTreeMap, sync::LazyLock};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        Components, Content, ContentBuilder, HeaderBuilder, InfoBuilder, ObjectBuilder, OpenApi, OpenApiBuilder, Paths,
        RefOr, Required, ResponseBuilder, Schema, SecurityRequirement, Server, Type,
        example::ExampleBuilder,
        path::{OperationBuilder, ParameterBuilder, ParameterIn},
        request_body::RequestBodyBuilder,
        schema::AdditionalProperties,
        security::{Http, HttpAuthScheme, SecurityScheme},
    },
};

const DESCRIPTION: &str = "From an auth code of an Alipay mini-program to a session, and to the member as the open platform \
    describes it.\n\nEvery error is a problem document (RFC 9457). Every answer has `x-request-id`, which finds its lines in \
    the server's log, and `cache-control: no-store`. A method that a path does not have is answered 405 with `Allow`.\n\nA \
    server with several apps has the endpoints of each under `/apps/{app_id}/`; `/healthz`, `/readyz` and `/metrics` are at \
    the server's root.";

/// The document as text, which is the same for every server of this version.
pub(crate) fn text() -> &'static str {
    static TEXT: LazyLock<String> = LazyLock::new(|| {
        let mut text = document().to_pretty_json().expect("the document is maps of strings");
        text.push('\n');
        text
    });
    &TEXT
}

fn document() -> OpenApi {
    let mut paths = Paths::new();
    for endpoint in ENDPOINTS {
        paths.add_path_operation(endpoint.path, vec![endpoint.method.clone()], operation(endpoint));
    }
    let info = InfoBuilder::new().title("miniauth").version(env!("CARGO_PKG_VERSION")).description(Some(DESCRIPTION));
    OpenApiBuilder::new()
        .info(info.build())
        // Relative to where the document is.
        .servers(Some([Server::new(".")]))
        .paths(paths)
        .components(Some(components()))
        .build()
}

fn components() -> Components {
    let mut components = Components::new();
    let bearer = Http::new(HttpAuthScheme::Bearer);
    components.add_security_scheme("session", SecurityScheme::Http(bearer));
    let mut add = |name: &str, mut schema: RefOr<Schema>| {
        if let RefOr::T(Schema::Object(object)) = &mut schema
            && object.enum_values.is_none()
        {
            object.additional_properties = Some(Box::new(AdditionalProperties::FreeForm(false)));
        }
        components.schemas.insert(name.to_owned(), schema);
    };
    add("AuthRequest", schemas::AuthRequest::schema());
    add("AuthForm", schemas::AuthForm::schema());
    add("Consent", schemas::Consent::schema());
    add("Scope", schemas::Scope::schema());
    add("AuthAnswer", schemas::AuthAnswer::schema());
    add("Session", schemas::Session::schema());
    add("Member", schemas::Member::schema());
    add("Sessions", schemas::Sessions::schema());
    add("ListedSession", schemas::ListedSession::schema());
    add("Consents", schemas::Consents::schema());
    add("ReportedConsent", schemas::ReportedConsent::schema());
    add("Status", schemas::Status::schema());
    add("Problem", schemas::Problem::schema());
    add("Advice", schemas::Advice::schema());
    add("ErrorCode", ErrorCode::schema());
    components
}

/// The codes that a server answers with.
struct ErrorCode;

impl ToSchema for ErrorCode {}

impl PartialSchema for ErrorCode {
    fn schema() -> RefOr<Schema> {
        let codes = error_code::ErrorCode::ALL.iter().filter(|code| code.status().is_some());
        let codes: Vec<_> = codes.map(|code| code.as_str()).collect();
        ObjectBuilder::new().schema_type(Type::String).enum_values(Some(codes)).build().into()
    }
}

fn operation(endpoint: &Endpoint) -> OperationBuilder {
    let mut operation = OperationBuilder::new().operation_id(Some(endpoint.id)).summary(Some(endpoint.summary));
    let session = SecurityRequirement::new("session", [] as [&str; 0]);
    match endpoint.bearer {
        Bearer::None => {}
        Bearer::Optional => operation = operation.security(SecurityRequirement::default()).security(session),
        Bearer::Required => operation = operation.security(session),
    }
    if endpoint.path.contains("{id}") {
        let id = ObjectBuilder::new().schema_type(Type::String).pattern(Some("^[A-Za-z0-9_-]{21}[AQgw]$"));
        let parameter = ParameterBuilder::new().name("id").parameter_in(ParameterIn::Path).required(Required::True);
        operation = operation.parameter(parameter.description(Some("As in `GET /sessions`.")).schema(Some(id.build())));
    }
    if endpoint.id == "logIn" {
        let body = RequestBodyBuilder::new()
            .required(Some(Required::True))
            .content("application/json", content("AuthRequest"))
            .content("application/x-www-form-urlencoded", content("AuthForm"));
        operation = operation.request_body(Some(body.build()));
    }
    let (status, meaning, body) = &endpoint.success;
    let success = ResponseBuilder::new().description(*meaning);
    let success = match body {
        Body::None => success,
        Body::Json(schema) => success.content("application/json", content(schema)),
        Body::Other(media_type) => success.content(*media_type, Content::default()),
    };
    operation = operation.response(status.to_string(), success.build());
    for (status, codes) in by_status(endpoint) {
        operation = operation.response(status.to_string(), failure(status, &codes));
    }
    operation
}

fn by_status(endpoint: &Endpoint) -> BTreeMap<u16, Vec<error_code::ErrorCode>> {
    let mut statuses: BTreeMap<u16, Vec<_>> = BTreeMap::new();
    for code in endpoint.failures.iter().copied().flatten().copied() {
        if let Some(status) = code.status() {
            statuses.entry(status).or_default().push(code);
        }
    }
    statuses
}

/// One answer with an example for each code.
fn failure(status: u16, codes: &[error_code::ErrorCode]) -> ResponseBuilder {
    let examples = codes.iter().map(|code| {
        let problem = json!(Problem::new(*code));
        (code.as_str(), RefOr::T(ExampleBuilder::new().summary(code.title()).value(Some(problem)).build()))
    });
    let content = ContentBuilder::new().schema(Some(reference("Problem"))).examples_from_iter(examples).build();
    let titles: Vec<_> = codes.iter().map(|code| code.title()).collect();
    let response = ResponseBuilder::new().description(titles.join(" ")).content("application/problem+json", content);
    let header = |schema: Type, description: &str| {
        let schema = ObjectBuilder::new().schema_type(schema).build();
        HeaderBuilder::new().schema(Some(schema)).description(Some(description)).build()
    };
    match status {
        401 => response.header("WWW-Authenticate", header(Type::String, "As RFC 6750 says.")),
        429 | 503 => response.header("Retry-After", header(Type::Integer, "In seconds; not with every code.")),
        _ => response,
    }
}

fn content(schema: &str) -> Content {
    ContentBuilder::new().schema(Some(reference(schema))).build()
}

fn reference(schema: &str) -> RefOr<Schema> {
    RefOr::Ref(utoipa::openapi::Ref::from_schema_name(schema))
}
