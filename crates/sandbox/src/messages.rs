//! The platform's messages to an app: the queue, the repeats, and the answers.
//!
//! A message is a signed form, posted to the app's address in the console (应用网关) until the answer is the text `success`.

use crate::{
    faults::FaultKind,
    keys::Keys,
    profiles::{MessageIds, Profiles},
    users::TestUser,
    world::{Shared, digits},
};
use miniauth_core::{random::Random, time::Timestamp};
use miniauth_openplatform::{
    keys::PublicKey,
    protocol::{ADDRESS_CHECK, Charset, Parameters, SignType, WITHDRAWAL_MESSAGE, beijing_date},
};
use reqwest::{Client, StatusCode, Url, header::CONTENT_TYPE, redirect};
use serde::Serialize;
use serde_json::{Map, Value};
use std::{
    collections::{HashMap, VecDeque},
    mem,
    sync::Arc,
    time::Duration,
};
use thiserror::Error;
use tokio::{task::JoinSet, time::sleep};

/// The waits before each repeat of a message that was not answered with `success`.
const REPEATS: [Duration; 7] =
    [minutes(2), minutes(10), minutes(10), minutes(60), minutes(120), minutes(360), minutes(900)];

const fn minutes(minutes: u64) -> Duration {
    Duration::from_secs(minutes * 60)
}

/// The answer of an app that has accepted a message.
const SUCCESS: &str = "success";

/// How long an app may take to answer. The platform names no figure.
const ANSWER_TIME: Duration = Duration::from_secs(10);

/// The most messages that are kept.
const MAXIMUM_MESSAGES: usize = 1_000;

/// How much of an answer is read, in bytes.
const MAXIMUM_ANSWER: usize = 4 * 1024;

/// How long the sender sleeps when nothing waits; a new message wakes it.
const REST: Duration = Duration::from_secs(60 * 60);

/// An app's address for messages, which must be on this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessageAddress(Url);

/// The text is not the address of a server on this machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("a message address is http on this machine, such as http://127.0.0.1:8701/platform-messages")]
pub struct MessageAddressError;

impl MessageAddress {
    /// Parses an absolute `http` address on this machine.
    ///
    /// # Errors
    /// [`MessageAddressError`] for anything else.
    pub fn parse(text: &str) -> Result<Self, MessageAddressError> {
        let url = Url::parse(text).map_err(|_| MessageAddressError)?;
        let host = url.host_str().unwrap_or_default();
        let is_here = url.scheme() == "http" && crate::control::is_loopback(host) && url.username().is_empty();
        if is_here { Ok(Self(url)) } else { Err(MessageAddressError) }
    }

    /// Returns the address as text.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

/// The state of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum State {
    /// It will be sent, for the first time or again.
    Waiting,
    /// The app accepted it.
    Delivered,
    /// All repeats are used up.
    GivenUp,
    /// A fault lost it: it is never sent.
    Lost,
    /// The app has no address for messages.
    NoAddress,
}

/// One attempt to deliver a message, with the answer.
#[derive(Debug, Clone, Serialize)]
struct Delivery {
    at_ms: u64,
    /// The HTTP status, if there was an answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    answer: Option<String>,
    /// Why there was no answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

/// A message with its deliveries.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Message {
    /// Its number since the start or the last reset, from 1.
    sequence: u64,
    notify_id: String,
    app_id: &'static str,
    method: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    user: Option<String>,
    at_ms: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    fault: Option<FaultKind>,
    #[serde(skip_serializing_if = "Option::is_none")]
    address: Option<String>,
    state: State,
    /// When it is sent next.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_at_ms: Option<u64>,
    deliveries: Vec<Delivery>,
    #[serde(skip)]
    parameters: Parameters<'static>,
    #[serde(skip)]
    charset: Charset,
    /// Whether `sign_type` is part of what is signed.
    #[serde(skip)]
    signs_sign_type: bool,
    #[serde(skip)]
    under_way: bool,
}

impl Message {
    /// Returns the wait from the planned time to the next repeat, if there is one.
    fn repeat(&self) -> Option<Duration> {
        let sent = self.deliveries.len() - usize::from(self.fault == Some(FaultKind::DuplicateDelivery));
        // The console's check is not repeated: its user waits for the outcome.
        (self.method == WITHDRAWAL_MESSAGE).then(|| REPEATS.get(sent - 1).copied()).flatten()
    }

    /// Returns the signed form.
    fn form(&self, keys: &Keys) -> Option<String> {
        let mut signed = self.parameters.clone();
        if !self.signs_sign_type {
            signed.take("sign_type");
        }
        let sign = keys.platform_private_key.sign(&signed.bytes_to_sign(self.charset).ok()?).ok()?;
        let mut sent = self.parameters.clone();
        sent.set("sign", sign);
        sent.to_form(self.charset).ok()
    }

    /// Whether this answer accepts the message.
    fn is_answered_by(&self, status: StatusCode, answer: &str, app_key: &PublicKey) -> bool {
        status == StatusCode::OK
            && match self.method {
                ADDRESS_CHECK => is_answer_to_check(answer, app_key),
                _ => answer == SUCCESS,
            }
    }
}

/// Whether the answer says `success` in XML that the app signed.
fn is_answer_to_check(answer: &str, app_key: &PublicKey) -> bool {
    let between = |start: &str, end: &str| Some(answer.split_once(start)?.1.split_once(end)?.0);
    let (Some(response), Some(sign)) = (between("<response>", "</response>"), between("<sign>", "</sign>")) else {
        return false;
    };
    response.contains("<success>true</success>") && app_key.verify(response.as_bytes(), sign).is_ok()
}

/// A message to send now.
struct Parcel {
    notify_id: String,
    address: Url,
    charset: Charset,
    form: String,
}

/// All messages, and the apps' addresses.
#[derive(Debug, Default)]
pub(crate) struct Messages {
    list: VecDeque<Message>,
    sequence: u64,
    addresses: HashMap<&'static str, MessageAddress>,
}

impl Messages {
    pub(crate) fn new(addresses: HashMap<&'static str, MessageAddress>) -> Self {
        Self { addresses, ..Self::default() }
    }

    pub(crate) fn take_addresses(&mut self) -> HashMap<&'static str, MessageAddress> {
        mem::take(&mut self.addresses)
    }

    pub(crate) fn set_address(&mut self, app_id: &'static str, address: Option<MessageAddress>) {
        match address {
            Some(address) => self.addresses.insert(app_id, address),
            None => self.addresses.remove(app_id),
        };
    }

    pub(crate) fn addresses(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.addresses.iter().map(|(app_id, address)| (*app_id, address.as_str()))
    }

    /// Returns the messages after that number; all of them if there is no such message yet.
    pub(crate) fn after(&self, sequence: u64) -> Vec<Message> {
        let sequence = if sequence > self.sequence { 0 } else { sequence };
        self.list.iter().filter(|message| message.sequence > sequence).cloned().collect()
    }

    /// Adds the message that a user withdrew consent. `fault` has the message's fault and delay.
    pub(crate) fn withdrawal(
        &mut self,
        app_id: &'static str,
        user: &TestUser,
        profiles: &Profiles,
        fault: Option<(FaultKind, u64)>,
        now: Timestamp,
        random: &dyn Random,
    ) {
        let ids = profiles.message_ids();
        let mut content = Map::from_iter([("cancel_time".to_owned(), Value::from(now.as_millis()))]);
        if ids != MessageIds::OpenId {
            content.insert("user_id".to_owned(), Value::from(user.user_id.as_str()));
        }
        if ids != MessageIds::UserId {
            content.insert("open_id".to_owned(), Value::from(user.open_id_for(app_id)));
        }
        content.insert("app_id".to_owned(), Value::from(app_id));
        let mut parameters = Parameters::new();
        parameters.set("version", "1.1");
        parameters.set("msg_method", WITHDRAWAL_MESSAGE);
        parameters.set("utc_timestamp", now.as_millis().to_string());
        parameters.set("app_id", app_id);
        parameters.set("biz_content", Value::from(content).to_string());
        let message = (app_id, WITHDRAWAL_MESSAGE, Some(user.id.clone()));
        self.add(message, parameters, profiles.message_charset(), profiles, fault, now, random);
    }

    /// Adds the console's check of the address.
    pub(crate) fn check(&mut self, app_id: &'static str, profiles: &Profiles, now: Timestamp, random: &dyn Random) {
        let content = format!(
            "<XML><AppId><![CDATA[{app_id}]]></AppId><CreateTime>{}</CreateTime><MsgType><![CDATA[event]]></MsgType>\
             <EventType><![CDATA[verifygw]]></EventType></XML>",
            now.as_millis()
        );
        let mut parameters = Parameters::new();
        parameters.set("service", ADDRESS_CHECK);
        parameters.set("biz_content", content);
        self.add((app_id, ADDRESS_CHECK, None), parameters, Charset::Gbk, profiles, None, now, random);
    }

    #[allow(clippy::too_many_arguments, reason = "a message, and all that it depends on")]
    fn add(
        &mut self,
        (app_id, method, user): (&'static str, &'static str, Option<String>),
        mut parameters: Parameters<'static>,
        charset: Charset,
        profiles: &Profiles,
        fault: Option<(FaultKind, u64)>,
        now: Timestamp,
        random: &dyn Random,
    ) {
        let notify_id = format!("{}{}", beijing_date(now), digits(random, 26));
        if method == WITHDRAWAL_MESSAGE {
            parameters.set("notify_id", notify_id.clone());
        }
        parameters.set("charset", charset.as_str().to_ascii_uppercase());
        parameters.set("sign_type", SignType::Rsa2.as_str());
        let address = self.addresses.get(app_id).map(|address| address.as_str().to_owned());
        let (fault, delay) = fault.map_or((None, 0), |(kind, delay)| (Some(kind), delay));
        let state = match (&address, fault) {
            (_, Some(FaultKind::Lost)) => State::Lost,
            (None, _) => State::NoAddress,
            (Some(_), _) => State::Waiting,
        };
        let next_at_ms = (state == State::Waiting).then(|| now.plus_millis(delay).as_millis());
        if self.list.len() == MAXIMUM_MESSAGES {
            self.list.pop_front();
        }
        self.sequence += 1;
        self.list.push_back(Message {
            sequence: self.sequence,
            notify_id,
            app_id,
            method,
            user,
            at_ms: now.as_millis(),
            fault,
            address,
            state,
            next_at_ms,
            deliveries: Vec::new(),
            parameters,
            charset,
            signs_sign_type: profiles.message_signs_sign_type(),
            under_way: false,
        });
    }

    /// Skips that much waiting time.
    pub(crate) fn advance(&mut self, by: Duration) {
        let by = u64::try_from(by.as_millis()).unwrap_or(u64::MAX);
        for next in self.list.iter_mut().filter_map(|message| message.next_at_ms.as_mut()) {
            *next = next.saturating_sub(by);
        }
    }

    /// Returns the messages to send now, and how long to wait for the next.
    fn due(&mut self, now: Timestamp, keys: &Keys) -> (Vec<Parcel>, Duration) {
        let mut parcels = Vec::new();
        let mut rest = REST;
        for message in self.list.iter_mut().filter(|message| !message.under_way) {
            let Some(next) = message.next_at_ms.map(Timestamp::from_millis) else { continue };
            if next > now {
                rest = rest.min(Duration::from_millis(next.millis_since(now)));
                continue;
            }
            let address = message.address.as_deref().and_then(|address| Url::parse(address).ok());
            let (Some(address), Some(form)) = (address, message.form(keys)) else { continue };
            message.under_way = true;
            parcels.push(Parcel { notify_id: message.notify_id.clone(), address, charset: message.charset, form });
        }
        (parcels, rest)
    }

    /// Records a delivery, and plans the next repeat.
    fn sent(&mut self, notify_id: &str, delivery: Delivery, app_key: &PublicKey) {
        // A reset may have removed it.
        let Some(message) = self.list.iter_mut().find(|message| message.notify_id == notify_id) else { return };
        let status = delivery.status.and_then(|status| StatusCode::from_u16(status).ok());
        let is_answered = status.zip(delivery.answer.as_deref());
        let is_answered = is_answered.is_some_and(|(status, answer)| message.is_answered_by(status, answer, app_key));
        message.under_way = false;
        message.deliveries.push(delivery);
        let goes_twice = message.fault == Some(FaultKind::DuplicateDelivery) && message.deliveries.len() == 1;
        if goes_twice {
            return;
        }
        let repeat = message.repeat().filter(|_| !is_answered);
        message.next_at_ms =
            message.next_at_ms.zip(repeat).map(|(meant, repeat)| meant.saturating_add(repeat.as_millis() as u64));
        message.state = match (is_answered, repeat) {
            (true, _) => State::Delivered,
            (false, Some(_)) => State::Waiting,
            (false, None) => State::GivenUp,
        };
    }
}

/// Makes a client that talks only to this machine, and follows no redirect.
pub(crate) fn client() -> Result<Client, reqwest::Error> {
    Client::builder().no_proxy().redirect(redirect::Policy::none()).tls_certs_only([]).timeout(ANSWER_TIME).build()
}

/// Sends due messages for as long as it is polled.
pub(crate) async fn send_all(shared: Arc<Shared>, client: Client) {
    let mut under_way = JoinSet::new();
    loop {
        let (parcels, rest) = shared.world().messages.due(shared.clock.now(), &shared.keys);
        for parcel in parcels {
            under_way.spawn(send(Arc::clone(&shared), client.clone(), parcel));
        }
        tokio::select! {
            () = shared.message_news.notified() => {}
            Some(_) = under_way.join_next() => {}
            () = sleep(rest) => {}
        }
    }
}

async fn send(shared: Arc<Shared>, client: Client, parcel: Parcel) {
    let content_type = format!("application/x-www-form-urlencoded;charset={}", parcel.charset);
    let at_ms = shared.clock.now().as_millis();
    let sent = client.post(parcel.address).header(CONTENT_TYPE, content_type).body(parcel.form).send().await;
    let delivery = match read(sent).await {
        Ok((status, answer)) => Delivery { at_ms, status: Some(status.as_u16()), answer: Some(answer), error: None },
        Err(error) => Delivery { at_ms, status: None, answer: None, error: Some(error.without_url().to_string()) },
    };
    shared.world().messages.sent(&parcel.notify_id, delivery, &shared.keys.app_public_key);
}

async fn read(sent: Result<reqwest::Response, reqwest::Error>) -> Result<(StatusCode, String), reqwest::Error> {
    let mut answer = sent?;
    let status = answer.status();
    let mut body = Vec::new();
    while let Some(piece) = answer.chunk().await? {
        body.extend_from_slice(&piece);
        if body.len() > MAXIMUM_ANSWER {
            body.truncate(MAXIMUM_ANSWER);
            break;
        }
    }
    Ok((status, String::from_utf8_lossy(&body).into_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_go_to_this_machine_only() {
        for good in ["http://127.0.0.1:8701/platform-messages", "http://[::1]:1/", "http://localhost/apps/1/messages"] {
            assert!(MessageAddress::parse(good).is_ok(), "{good}");
        }
        for bad in [
            "https://127.0.0.1/",
            "http://shop.example/",
            "127.0.0.1:8701",
            "http://localhost.shop.example/",
            "http://a@127.0.0.1/",
        ] {
            assert_eq!(MessageAddress::parse(bad), Err(MessageAddressError), "{bad}");
        }
    }

    #[test]
    fn the_repeats_end_within_25_hours() {
        assert_eq!(REPEATS.iter().sum::<Duration>(), minutes(24 * 60 + 22));
    }
}
