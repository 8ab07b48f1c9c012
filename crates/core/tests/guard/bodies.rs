//! Request bodies as mini-programs send them. None of them sends display information.

use crate::{numbers::Numbers, users::User};
use base64::{Engine, engine::general_purpose};
use miniauth_core::guard::{Outgoing, Value};
use serde_json::{Value as Json, json};

/// A request, and the fields that the user typed.
pub(crate) struct Body {
    pub(crate) kind: &'static str,
    pub(crate) outgoing: Outgoing,
    pub(crate) typed: Vec<String>,
}

const PLACES: [&str; 6] = [
    "浙江省杭州市西湖区文三路",
    "上海市浦东新区世纪大道",
    "北京市朝阳区建国路",
    "广东省深圳市南山区科技园",
    "No. 18 Nanjing Road, Shanghai",
    "四川省成都市武侯区人民南路",
];
const NAMES: [&str; 12] =
    ["张伟", "王芳", "李娜", "刘洋", "陈静", "Bob Chen", "小雨", "赵敏", "Lily Wang", "周杰", "张三丰", "May"];
const GOODS: [&str; 8] = [
    "茉莉花茶 250g",
    "无线耳机",
    "sunscreen SPF50",
    "纯棉T恤 白色 XL",
    "test strips",
    "海盐饼干",
    "平安果礼盒",
    "coffee beans",
];
const WORDS: [&str; 16] = [
    "请尽快发货",
    "谢谢",
    "晴天",
    "放在门口",
    "快乐购物",
    "什么时候到",
    "大海",
    "each day",
    "user guide",
    "data plan",
    "50% off",
    "买一送一",
    "星期天",
    "喝茶",
    "小张家的店",
    "test drive",
];
const EVENTS: [&str; 6] =
    ["page_view", "tap_buy", "share", "nickname_edit_opened", "avatar_picker_closed", "search_submit"];

type Maker = fn(&mut Numbers, &User) -> (Json, Vec<&'static str>);

/// Every kind of body, with its share in the corpus.
const KINDS: [(&str, usize, Maker); 12] = [
    ("order", 18, order),
    ("address", 10, address),
    ("search", 12, search),
    ("analytics", 14, analytics),
    ("chat", 10, chat),
    ("form that repeats the nickname", 5, form),
    ("token", 8, token),
    ("picture", 1, picture),
    ("long ids", 8, ids),
    ("Chinese text", 8, prose),
    ("others' profiles", 3, profiles),
    ("JSON in a text", 3, nested),
];

/// The `index`th body of the corpus, for a user.
pub(crate) fn body(index: usize, user: &User) -> Body {
    let mut numbers = Numbers::new(index as u64);
    let mut at = numbers.below(KINDS.iter().map(|(_, share, _)| share).sum());
    let (kind, _, make) = KINDS
        .iter()
        .find(|(_, share, _)| {
            let here = at < *share;
            at = at.wrapping_sub(*share);
            here
        })
        .expect("the shares add up");
    let (data, typed) = make(&mut numbers, user);
    let headers = vec![
        ("content-type".to_owned(), "application/json".to_owned()),
        ("x-request-id".to_owned(), uuid(&mut numbers)),
    ];
    let url = format!(
        "https://api.shop.example/v1/{}?page={}&ts={}",
        numbers.pick(&["orders", "search", "users/me", "test"]),
        numbers.below(9),
        timestamp(&mut numbers)
    );
    Body {
        kind,
        outgoing: Outgoing { url, headers: fields(headers), data: value(&data) },
        typed: typed.into_iter().map(|place| format!("data.{place}")).collect(),
    }
}

/// Converts JSON to the guard's type.
pub(crate) fn value(json: &Json) -> Value {
    match json {
        Json::String(text) => Value::Text(text.clone()),
        Json::Array(items) => Value::List(items.iter().map(value).collect()),
        Json::Object(fields) => {
            Value::Fields(fields.iter().map(|(name, field)| (name.clone(), value(field))).collect())
        }
        _ => Value::Other,
    }
}

/// Converts headers to the guard's type.
pub(crate) fn fields(headers: Vec<(String, String)>) -> Value {
    Value::Fields(headers.into_iter().map(|(name, value)| (name, Value::Text(value))).collect())
}

fn uuid(numbers: &mut Numbers) -> String {
    [8, 4, 4, 4, 12].map(|length| numbers.hexadecimal(length)).join("-")
}

fn timestamp(numbers: &mut Numbers) -> u64 {
    1_795_000_000_000 + numbers.below(1_000_000_000) as u64
}

fn sentence(numbers: &mut Numbers, words: usize) -> String {
    (0..words).map(|_| numbers.pick(&WORDS)).collect::<Vec<_>>().join(if numbers.below(2) == 0 { "，" } else { " " })
}

fn order(numbers: &mut Numbers, _: &User) -> (Json, Vec<&'static str>) {
    let items: Vec<Json> = (0..=numbers.below(4))
        .map(|_| json!({"sku": format!("T-{}", numbers.digits(5)), "title": numbers.pick(&GOODS), "count": numbers.below(5) + 1, "price": numbers.below(100_000)}))
        .collect();
    (
        json!({"trade_no": format!("20261121{}", numbers.digits(20)), "items": items, "note": sentence(numbers, 2), "user": {"id": format!("2088{}", numbers.digits(12))}}),
        vec![],
    )
}

fn address(numbers: &mut Numbers, _: &User) -> (Json, Vec<&'static str>) {
    let number = numbers.below(300);
    (
        json!({"receiver": numbers.pick(&NAMES), "mobile": format!("139{}", numbers.digits(8)), "address": format!("{}{number}号", numbers.pick(&PLACES)), "is_default": numbers.below(2) == 0}),
        vec![],
    )
}

fn search(numbers: &mut Numbers, _: &User) -> (Json, Vec<&'static str>) {
    (
        json!({"q": numbers.pick(&WORDS), "type": "item", "page": numbers.below(20), "filters": format!("price:{}-{}&brand={}", numbers.below(90), numbers.below(900), numbers.digits(6))}),
        vec![],
    )
}

fn analytics(numbers: &mut Numbers, _: &User) -> (Json, Vec<&'static str>) {
    let events: Vec<Json> = (0..=numbers.below(6))
        .map(|_| json!({"event": numbers.pick(&EVENTS), "at": timestamp(numbers), "page": "pages/user/index", "session": numbers.hexadecimal(32)}))
        .collect();
    (json!({"device": {"model": "PJD110", "system": "Android 14", "sdk": "2.9.21"}, "events": events}), vec![])
}

fn chat(numbers: &mut Numbers, _: &User) -> (Json, Vec<&'static str>) {
    let length = 1 + numbers.below(6);
    (
        json!({"to": format!("2088{}", numbers.digits(12)), "text": sentence(numbers, length), "client_id": uuid(numbers)}),
        vec![],
    )
}

/// A form in which the user typed a name that equals the nickname.
fn form(numbers: &mut Numbers, user: &User) -> (Json, Vec<&'static str>) {
    let mobile = format!("138{}", numbers.digits(8));
    match numbers.below(3) {
        0 => (json!({"receiver": user.nick_name, "mobile": mobile}), vec!["receiver"]),
        1 => (json!({"contact": {"name": user.nick_name, "mobile": mobile}, "agree": true}), vec!["contact.name"]),
        _ => {
            (json!({"signature": format!("—— {}", user.nick_name), "message": sentence(numbers, 3)}), vec!["signature"])
        }
    }
}

fn token(numbers: &mut Numbers, _: &User) -> (Json, Vec<&'static str>) {
    let part = |bytes: &[u8]| general_purpose::URL_SAFE_NO_PAD.encode(bytes);
    let claims = json!({"sub": numbers.digits(16), "exp": timestamp(numbers), "scope": "user order"}).to_string();
    let jwt = [part(br#"{"alg":"HS256","typ":"JWT"}"#), part(claims.as_bytes()), part(&numbers.bytes(32))].join(".");
    (
        json!({"token": jwt, "sign": general_purpose::STANDARD.encode(numbers.bytes(256)), "nonce": numbers.hexadecimal(32)}),
        vec![],
    )
}

fn picture(numbers: &mut Numbers, _: &User) -> (Json, Vec<&'static str>) {
    let length = 4_000 + numbers.below(12_000);
    (
        json!({"name": "photo.jpg", "data": format!("data:image/jpeg;base64,{}", general_purpose::STANDARD.encode(numbers.bytes(length)))}),
        vec![],
    )
}

fn ids(numbers: &mut Numbers, _: &User) -> (Json, Vec<&'static str>) {
    let list: Vec<String> =
        (0..20).map(|_| if numbers.below(2) == 0 { uuid(numbers) } else { numbers.digits(28) }).collect();
    (json!({"ids": list, "etag": numbers.hexadecimal(40)}), vec![])
}

fn prose(numbers: &mut Numbers, _: &User) -> (Json, Vec<&'static str>) {
    let length = 20 + numbers.below(60);
    (json!({"title": sentence(numbers, 1), "content": sentence(numbers, length), "rating": numbers.below(5)}), vec![])
}

/// The page returns data about other users to the server that sent it.
fn profiles(numbers: &mut Numbers, user: &User) -> (Json, Vec<&'static str>) {
    let others: Vec<&str> = NAMES.into_iter().filter(|name| !name.contains(user.nick_name)).collect();
    let avatar = format!("https://tfs.alipayobjects.com/images/partner/T2{}", numbers.hexadecimal(16));
    (
        json!({"invite": {"nickName": numbers.pick(&others), "avatar": avatar, "userInfo": {"level": numbers.below(9)}}}),
        vec![],
    )
}

fn nested(numbers: &mut Numbers, user: &User) -> (Json, Vec<&'static str>) {
    let (inner, _) = order(numbers, user);
    let text = inner.to_string();
    let encoded = percent_encoding::utf8_percent_encode(&text, percent_encoding::NON_ALPHANUMERIC).to_string();
    (json!({"payload": text, "callback": encoded, "html": "<p>a &amp; b&nbsp;</p>"}), vec![])
}
