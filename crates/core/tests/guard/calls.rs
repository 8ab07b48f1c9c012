//! Calls of the platform that page code makes directly, through the guard.

use crate::{
    detection::places,
    users::{USERS, user},
};
use miniauth_core::guard::{Reason, Value};

#[test]
fn what_a_call_is_passed_is_searched_like_a_requests_data() {
    for user in USERS.iter().filter(|user| user.has_telling_name()) {
        let guard = user.guard();
        for (place, outgoing) in places(user.nick_name.as_bytes()) {
            let told =
                guard.check_call("setStorage", &outgoing.data).map_err(|refusal| (refusal.place, refusal.reason));
            let expected = match place.strip_prefix("data") {
                Some(below) => Err((["setStorage", below].concat(), Reason::NickName)),
                None => Ok(()),
            };
            assert_eq!(told, expected, "{} at {place}", user.nick_name);
        }
    }
}

#[test]
fn the_host_of_a_calls_own_address_is_not_searched() {
    let guard = user("Jack", "https://a.example/images/partner/T1Z3FcXkdUaBcDeFgH").guard();
    let sent_to = |call: &str, field: &str, url: &str| {
        let passed = Value::Fields(vec![(field.to_owned(), Value::Text(url.to_owned()))]);
        guard.check_call(call, &passed).map_err(|refusal| refusal.place)
    };
    assert_eq!(sent_to("connectSocket", "url", "wss://Jack.example/news"), Ok(()));
    assert_eq!(sent_to("connectSocket", "url", "wss://shop.example/Jack"), Err("connectSocket.url".to_owned()));
    assert_eq!(sent_to("setStorage", "key", "https://Jack.example/"), Err("setStorage.key".to_owned()), "no address");
}
