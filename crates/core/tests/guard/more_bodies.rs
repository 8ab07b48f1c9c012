//! More ordinary requests, from users whose nicknames are words that occur in such requests.

use crate::{
    bodies::{Body, fields, value},
    numbers::Numbers,
    users::{User, user},
};
use miniauth_core::guard::Outgoing;
use serde_json::{Value as Json, json};

/// Nicknames of ASCII, numbers, brands and emoji.
pub(crate) const MORE_USERS: [User; 16] = [
    user("Jack", "https://tfs.alipayobjects.com/images/partner/A1Z3FcXkdUaBcDeFgH"),
    user("ming", "https://tfs.alipayobjects.com/images/partner/A1kQpLXcdNqRsTuVwX"),
    user("Moon", "https://tfs.alipayobjects.com/images/partner/AB1XLrabKxFDuNjm2E"),
    user("orders", "https://tfs.alipayobjects.com/images/partner/A1vyZwXlhFcDeFgHiJ"),
    user("Safari", "https://tfs.alipayobjects.com/images/partner/A1QxpcXn8PkLmNoPqR"),
    user("summer", "https://tfs.alipayobjects.com/images/partner/A1GKJfXnliStUvWxYz"),
    user("20261121", "https://tfs.alipayobjects.com/images/partner/A1AyhcXfVGaBcDeFgH"),
    user("5201314", "https://tfs.alipayobjects.com/images/partner/A1VpheXnCdIjKlMnOp"),
    user("1314", "https://tfs.alipayobjects.com/images/partner/A1zRNCXdtcQrStUvWx"),
    user("Nike", "https://tfs.alipayobjects.com/images/partner/AB1OD00cMSJDuNjAbC"),
    user("Apple", "https://tfs.alipayobjects.com/images/partner/A1hKrXXbpeDeFgHiJk"),
    user("可口可乐", "https://tfs.alipayobjects.com/images/partner/A1mNoXXcqfLmNoPqRs"),
    user("星辰🌊大海", "https://tfs.alipayobjects.com/images/partner/A1tUvXXdrgTuVwXyZa"),
    user("Tom 🍵 Lee", "https://tfs.alipayobjects.com/images/partner/A1bCdXXeshBcDeFgHi"),
    user("小李飞刀", "https://tfs.alipayobjects.com/images/partner/A1jKlXXftiJkLmNoPq"),
    user("王芳", "https://tfs.alipayobjects.com/images/partner/A1sTuXXgujQrStUvWx"),
];

const TITLES: [&str; 10] = [
    "Nike Air Max 90",
    "Apple iPhone 15 手机壳",
    "可口可乐 330ml*24",
    "black jackets 20% off",
    "mooncake gift box",
    "summertime dress",
    "Beijing duck, farming quality",
    "星辰系列 大海蓝",
    "飞刀削皮器",
    "honeymoon suite",
];
const PAGES: [&str; 6] = [
    "pages/orders/index",
    "pages/moon/detail",
    "packageA/summer/sale",
    "pages/jack/index",
    "https://img.shop.example/ming/moon.png",
    "orders?tab=1",
];
const EVENTS: [&str; 5] = ["orders_tap", "summer_sale_view", "coming_soon", "moon_festival", "jackpot_open"];
const AGENT: &str = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) Safari/604.1";
/// Fields in which people type a name, each with another field that people fill in.
const FORMS: [(&str, &str); 6] = [
    ("consignee", "mobile"),
    ("recipient_name", "address"),
    ("linkman", "tel"),
    ("contactName", "phone"),
    ("收货人", "手机"),
    ("signature", "content"),
];

/// The `index`th body of this corpus, for a user.
pub(crate) fn more(index: usize, user: &User) -> Body {
    let mut numbers = Numbers::new(0x5eed + index as u64);
    let (kind, data, typed): (_, Json, Vec<String>) = match numbers.below(20) {
        0 => {
            let (name, beside) = FORMS[numbers.below(FORMS.len())];
            (
                "form that repeats the nickname",
                json!({name: user.nick_name, beside: numbers.digits(8)}),
                vec![name.to_owned()],
            )
        }
        1..=5 => (
            "goods",
            json!({"title": numbers.pick(&TITLES), "brand": numbers.pick(&["Nike", "Apple", "可口可乐"]), "price": numbers.digits(4)}),
            vec![],
        ),
        6..=9 => (
            "dates and ids",
            json!({"date": format!("202611{}", 10 + numbers.below(20)), "day": "2026-11-21", "time": "13:14", "id": format!("520131{}", numbers.below(9)), "trade_no": format!("20261121{}", numbers.digits(20))}),
            vec![],
        ),
        10..=13 => (
            "paths and events",
            json!({"page": numbers.pick(&PAGES), "event": numbers.pick(&EVENTS), "orders": numbers.below(9), "summer": true}),
            vec![],
        ),
        14..=17 => ("text", json!({"note": format!("{} {}", numbers.pick(&TITLES), numbers.pick(&TITLES))}), vec![]),
        _ => (
            "settings",
            json!({"type": "orders", "scores": [numbers.below(99), 3, 4, 5], "ids": {"0": 1, "1": 2}}),
            vec![],
        ),
    };
    let headers =
        vec![("content-type".to_owned(), "application/json".to_owned()), ("user-agent".to_owned(), AGENT.to_owned())];
    let url = format!(
        "https://api.shop.example/v1/{}?ts={}",
        numbers.pick(&["orders", "summer", "moon/1"]),
        numbers.digits(10)
    );
    Body {
        kind,
        outgoing: Outgoing { url, headers: fields(headers), data: value(&data) },
        typed: typed.into_iter().map(|place| format!("data.{place}")).collect(),
    }
}
