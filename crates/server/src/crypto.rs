//! Encryption and derivation with the server's key, and the hashes under which secrets are looked up.

use aws_lc_rs::{
    aead::{self, Aad, LessSafeKey, MAX_TAG_LEN, NONCE_LEN, Nonce, UnboundKey},
    constant_time::verify_slices_are_equal,
    digest::{Context, SHA256, digest},
    hmac,
};
use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use miniauth_core::{
    random::Random,
    wire::{AuthCode, LoginId, SessionToken, SubjectId},
};
use secrecy::{ExposeSecret, ExposeSecretMut as _, SecretBox, SecretString};
use std::marker::PhantomData;

/// 32 random bytes, from which the server derives one key to seal the platform's tokens and one to derive sessions
/// (HMAC-SHA-256 over a label each).
///
/// Whoever has this key and the database can read the stored tokens. If it is lost, so are the sealed tokens, and a
/// retry of a login fails. Sessions stay valid, because they are looked up by their hashes.
#[derive(Debug)]
pub struct ServerKey(SecretBox<[u8; Self::LENGTH]>);

impl ServerKey {
    /// The key's length in bytes.
    pub const LENGTH: usize = 32;

    /// Generates a random key.
    pub fn generate(random: &dyn Random) -> Self {
        Self(SecretBox::init_with_mut(|bytes: &mut [u8; Self::LENGTH]| random.fill(bytes)))
    }

    /// Reads a key in the form that [`ServerKey::to_base64`] writes; ignores white space around it.
    ///
    /// # Errors
    /// [`ServerKeyError`] if the text is not the base64 of exactly 32 bytes, or if all bytes are equal.
    pub fn from_base64(text: &str) -> Result<Self, ServerKeyError> {
        let decoded = SecretBox::new(Box::new(STANDARD.decode(text.trim()).map_err(|_| ServerKeyError)?));
        let bytes: &[u8; Self::LENGTH] = decoded.expose_secret().as_slice().try_into().map_err(|_| ServerKeyError)?;
        if bytes.iter().all(|byte| *byte == bytes[0]) {
            return Err(ServerKeyError);
        }
        Ok(Self(SecretBox::new(Box::new(*bytes))))
    }

    /// Returns the key as text, for the key file.
    pub fn to_base64(&self) -> SecretString {
        STANDARD.encode(self.0.expose_secret()).into()
    }

    pub(crate) fn sealer(&self) -> Sealer {
        let key = aead::UnboundKey::new(&aead::AES_256_GCM, self.derive("seal platform tokens").as_ref())
            .expect("AES-256 takes the 32 bytes of HMAC-SHA-256");
        // Eight bytes identify the key beside what it sealed, and reveal nothing about it.
        let id = self.derive("key id");
        let look_up = hmac::Key::new(hmac::HMAC_SHA256, self.derive("look up phone numbers").as_ref());
        Sealer::new(key, look_up, id.as_ref()[..8].iter().map(|byte| format!("{byte:02x}")).collect())
    }

    pub(crate) fn session_deriver(&self) -> SessionDeriver {
        SessionDeriver(hmac::Key::new(hmac::HMAC_SHA256, self.derive("derive sessions").as_ref()))
    }

    pub(crate) fn user_marks(&self) -> UserMarks {
        UserMarks(hmac::Key::new(hmac::HMAC_SHA256, self.derive("mark users in logs").as_ref()))
    }

    fn derive(&self, label: &str) -> hmac::Tag {
        let key = hmac::Key::new(hmac::HMAC_SHA256, self.0.expose_secret());
        hmac::sign(&key, format!("miniauth: {label}").as_bytes())
    }
}

/// The text is not a server key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a server key: it must be the base64 of 32 random bytes, as `openssl rand -base64 32` prints them")]
pub struct ServerKeyError;

/// Seals with the current key. Opens what this key or an older one sealed.
pub(crate) struct Sealers {
    current: Sealer,
    old: Vec<Sealer>,
}

impl Sealers {
    pub(crate) fn new(current: &ServerKey, old: &[ServerKey]) -> Self {
        Self { current: current.sealer(), old: old.iter().map(ServerKey::sealer).collect() }
    }

    /// Returns the sealer for new data.
    pub(crate) fn current(&self) -> &Sealer {
        &self.current
    }

    /// Returns the ids of the old keys.
    pub(crate) fn old_key_ids(&self) -> Vec<&str> {
        self.old.iter().map(Sealer::key_id).collect()
    }

    /// Iterates over all sealers, the current one first.
    pub(crate) fn each(&self) -> impl Iterator<Item = &Sealer> {
        std::iter::once(&self.current).chain(&self.old)
    }

    /// Returns the sealer of a key id.
    pub(crate) fn of(&self, key_id: &str) -> Option<&Sealer> {
        self.each().find(|sealer| sealer.key_id() == key_id)
    }
}

/// The random part of a session, stored in the claim of its code.
#[derive(Clone)]
pub(crate) struct Salt(Vec<u8>);

impl Salt {
    const LENGTH: usize = 32;

    pub(crate) fn generate(random: &dyn Random) -> Self {
        let mut salt = vec![0; Self::LENGTH];
        random.fill(&mut salt);
        Self(salt)
    }

    pub(crate) fn from_stored(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

/// Derives the session of a login: HMAC-SHA-256 over the code, the `login_id` and the claim's salt.
///
/// Whoever steals the database gets the salt, but neither the key nor the code.
pub(crate) struct SessionDeriver(hmac::Key);

impl SessionDeriver {
    pub(crate) fn derive(&self, code: &AuthCode, login_id: Option<&LoginId>, salt: &Salt) -> SessionToken {
        let mut context = hmac::Context::with_key(&self.0);
        // Lengths first, so that no two logins yield the same bytes.
        for part in [code.expose(), login_id.map_or("", LoginId::expose)] {
            context.update(&(part.len() as u64).to_be_bytes());
            context.update(part.as_bytes());
        }
        context.update(salt.as_bytes());
        SessionToken::parse(URL_SAFE_NO_PAD.encode(context.sign())).expect("32 bytes are 43 characters of base64url")
    }
}

/// Makes marks that stand for users in the log, because user ids are personal data. A user's mark stays the same as
/// long as the server's key does, and cannot be traced back without the key.
#[derive(Clone)]
pub(crate) struct UserMarks(hmac::Key);

impl UserMarks {
    /// Adds the user's mark to the log lines of the current request.
    pub(crate) fn note(&self, subject: SubjectId) {
        let span = tracing::Span::current();
        // Spans of your own handlers have no such field, so the mark need not be computed.
        if !span.has_field("user") {
            return;
        }
        let mut context = hmac::Context::with_key(&self.0);
        context.update(&subject.stored().to_be_bytes());
        if let Some(beginning) = context.sign().as_ref().first_chunk() {
            span.record("user", format!("{:016x}", u64::from_be_bytes(*beginning)));
        }
    }
}

/// Seals with AES-256-GCM under a random nonce.
///
/// Random nonces are safe for 2^32 tokens under one key: about four billion logins. The associated data binds each
/// token to its place: it does not open for another user, app or column.
pub(crate) struct Sealer {
    key: LessSafeKey,
    look_up: hmac::Key,
    key_id: String,
}

/// The owner of a token: an id that the platform uses for the user, because these stay the same when two subjects are
/// merged.
#[derive(Clone, Copy)]
pub(crate) struct TokenOwner<'a> {
    pub(crate) app_id: &'a str,
    pub(crate) user: &'a str,
}

/// The kind of a sealed value: one of the tokens, the phone number, or a key that signs tokens.
#[derive(Clone, Copy)]
pub(crate) enum Column {
    AccessToken,
    RefreshToken,
    PhoneNumber,
    TokenKey,
}

impl Column {
    const fn as_str(self) -> &'static str {
        match self {
            Self::AccessToken => "access_token",
            Self::RefreshToken => "refresh_token",
            Self::PhoneNumber => "phone_number",
            Self::TokenKey => "token_key",
        }
    }
}

impl Sealer {
    fn new(key: UnboundKey, look_up: hmac::Key, key_id: String) -> Self {
        Self { key: LessSafeKey::new(key), look_up, key_id }
    }

    /// Returns the hash by which the owners of a phone number in an app are found. It is keyed, because there are few
    /// enough numbers to try them all.
    pub(crate) fn phone_hash(&self, app_id: &str, country_code: Option<&str>, local: &str) -> Vec<u8> {
        let mut context = hmac::Context::with_key(&self.look_up);
        for part in [app_id, country_code.unwrap_or("86"), local] {
            context.update(&(part.len() as u64).to_be_bytes());
            context.update(part.as_bytes());
        }
        context.sign().as_ref().to_vec()
    }

    /// Identifies the key beside what it sealed, so that keys can be replaced.
    pub(crate) fn key_id(&self) -> &str {
        &self.key_id
    }

    /// Returns nonce, ciphertext and tag.
    pub(crate) fn seal(
        &self,
        token: &SecretString,
        owner: TokenOwner<'_>,
        column: Column,
        random: &dyn Random,
    ) -> Vec<u8> {
        let mut nonce = [0; NONCE_LEN];
        random.fill(&mut nonce);
        let token = token.expose_secret().as_bytes();
        let mut sealed = Vec::with_capacity(NONCE_LEN + token.len() + MAX_TAG_LEN);
        sealed.extend_from_slice(&nonce);
        sealed.extend_from_slice(token);
        let tag = self
            .key
            .seal_in_place_separate_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(self.associated_data(owner, column)),
                &mut sealed[NONCE_LEN..],
            )
            .expect("a token is far below AES-GCM's limit of 64 GiB");
        sealed.extend_from_slice(tag.as_ref());
        sealed
    }

    /// Returns the token if this key sealed it for this place and it is unchanged.
    pub(crate) fn open(&self, sealed: &[u8], owner: TokenOwner<'_>, column: Column) -> Option<SecretString> {
        let (nonce, rest) = sealed.split_at_checked(NONCE_LEN)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let mut rest = SecretBox::new(Box::new(rest.to_vec()));
        let plain = self
            .key
            .open_in_place(nonce, Aad::from(self.associated_data(owner, column)), rest.expose_secret_mut())
            .ok()?;
        std::str::from_utf8(plain).ok().map(SecretString::from)
    }

    /// Puts the length before each part, so that no two places yield the same bytes.
    fn associated_data(&self, owner: TokenOwner<'_>, column: Column) -> Vec<u8> {
        let mut data = Vec::new();
        for part in [owner.app_id, owner.user, column.as_str(), &self.key_id] {
            data.extend_from_slice(&(part.len() as u64).to_be_bytes());
            data.extend_from_slice(part.as_bytes());
        }
        data
    }
}

/// The key of a code's claim.
pub(crate) type CodeHash = HashOf<AuthCode>;
/// Tells a retry from another client's POST.
pub(crate) type LoginIdHash = HashOf<LoginId>;
/// The key of a session.
pub(crate) type SessionHash = HashOf<SessionToken>;
/// The key of a back-end's secret.
pub(crate) type BackendSecretHash = HashOf<BackendSecret>;

/// The secret with which a back-end authenticates: 32 random bytes in base64url. It does not print, and only the
/// back-end keeps it.
#[derive(Debug)]
pub struct BackendSecret(SecretString);

impl BackendSecret {
    pub(crate) fn generate(random: &dyn Random) -> Self {
        let mut bytes = SecretBox::new(Box::new([0; 32]));
        random.fill(bytes.expose_secret_mut());
        Self(URL_SAFE_NO_PAD.encode(bytes.expose_secret()).into())
    }

    /// Wraps the secret in a request.
    pub(crate) fn presented(text: &str) -> Self {
        Self(text.into())
    }

    /// Returns the text, for the back-end only.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

/// The SHA-256 hash of one kind of secret, typed so that kinds cannot be mixed up. The database has these and never the
/// secrets. Plain SHA-256 is enough: codes, sessions and back-ends' secrets are long and random, so they cannot be
/// guessed.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct HashOf<Secret> {
    bytes: Box<[u8]>,
    kind: PhantomData<Secret>,
}

impl<Secret: Exposed> HashOf<Secret> {
    pub(crate) fn of(secret: &Secret) -> Self {
        Self { bytes: digest(&SHA256, secret.text().as_bytes()).as_ref().into(), kind: PhantomData }
    }

    pub(crate) fn from_stored(bytes: Vec<u8>) -> Self {
        Self { bytes: bytes.into(), kind: PhantomData }
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Compares in constant time.
    pub(crate) fn is_same_as(&self, other: &Self) -> bool {
        verify_slices_are_equal(&self.bytes, &other.bytes).is_ok()
    }
}

/// Returns the hash under which the withdrawal of a user that this server does not know is stored: the hash of one of
/// the platform's ids. It is personal data, because trying all possible ids reveals the id. So it is kept for a month
/// only.
pub(crate) fn user_id_hash(app_id: &str, kind: &str, id: &str) -> Vec<u8> {
    let mut context = Context::new(&SHA256);
    for part in [app_id, kind, id] {
        context.update(&(part.len() as u64).to_be_bytes());
        context.update(part.as_bytes());
    }
    context.finish().as_ref().to_vec()
}

/// The opaque strings of the HTTP interface.
pub(crate) trait Exposed {
    fn text(&self) -> &str;
}

impl Exposed for AuthCode {
    fn text(&self) -> &str {
        self.expose()
    }
}

impl Exposed for LoginId {
    fn text(&self) -> &str {
        self.expose()
    }
}

impl Exposed for BackendSecret {
    fn text(&self) -> &str {
        self.expose()
    }
}

impl Exposed for SessionToken {
    fn text(&self) -> &str {
        self.expose()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use miniauth_openplatform::system::SystemRandom;

    #[test]
    fn a_key_is_read_back_from_its_text_and_does_not_print() {
        let key = ServerKey::generate(&SystemRandom);
        let text = key.to_base64();
        let again = ServerKey::from_base64(&format!("{}\n", text.expose_secret())).unwrap();
        assert_eq!(again.0.expose_secret(), key.0.expose_secret());
        assert!(!format!("{key:?}").contains(text.expose_secret()));
    }

    #[test]
    fn an_invalid_key_is_refused() {
        for text in ["", "secret", &STANDARD.encode([1, 2, 3]), &STANDARD.encode([7; 32]), &STANDARD.encode([0; 33])] {
            assert!(ServerKey::from_base64(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_session_depends_on_each_of_its_parts_and_on_nothing_else() {
        let deriver = ServerKey::generate(&SystemRandom).session_deriver();
        let salt = Salt::generate(&SystemRandom);
        let code = AuthCode::parse("c0de").unwrap();
        let id = LoginId::parse("0123456789abcdef").unwrap();
        let session = deriver.derive(&code, Some(&id), &salt);
        assert_eq!(deriver.derive(&code, Some(&id), &Salt::from_stored(salt.as_bytes().to_vec())), session);

        let other_id = LoginId::parse("0123456789abcdeg").unwrap();
        let other_code = AuthCode::parse("c0df").unwrap();
        let other_key = ServerKey::generate(&SystemRandom).session_deriver();
        let others = [
            deriver.derive(&other_code, Some(&id), &salt),
            deriver.derive(&code, Some(&other_id), &salt),
            deriver.derive(&code, None, &salt),
            deriver.derive(&code, Some(&id), &Salt::generate(&SystemRandom)),
            other_key.derive(&code, Some(&id), &salt),
        ];
        assert!(others.iter().all(|other| *other != session));
    }

    #[test]
    fn each_secret_has_a_hash_of_its_own() {
        let ids = ["0123456789abcdef", "0123456789abcdeg"].map(|id| LoginIdHash::of(&LoginId::parse(id).unwrap()));
        let codes = ["c0de", "c0df"].map(|code| CodeHash::of(&AuthCode::parse(code).unwrap()));
        assert!(ids[0] != ids[1] && codes[0] != codes[1]);
        assert!(LoginIdHash::from_stored(ids[0].as_bytes().to_vec()) == ids[0]);
    }

    const OWNER: TokenOwner<'_> = TokenOwner { app_id: "2021000000000001", user: "074a1CcTG1LelxKe4xQC0" };

    fn open(sealer: &Sealer, sealed: &[u8], owner: TokenOwner<'_>, column: Column) -> Option<String> {
        sealer.open(sealed, owner, column).map(|token| token.expose_secret().to_owned())
    }

    #[test]
    fn a_sealed_token_opens_only_in_its_place_and_untouched() {
        let sealer = ServerKey::generate(&SystemRandom).sealer();
        let token = SecretString::from("authusrBd65ef0c");
        let sealed = sealer.seal(&token, OWNER, Column::AccessToken, &SystemRandom);
        assert!(!sealed.windows(8).any(|window| window == b"authusrB"));
        assert_eq!(open(&sealer, &sealed, OWNER, Column::AccessToken).as_deref(), Some("authusrBd65ef0c"));

        assert_eq!(open(&sealer, &sealed, OWNER, Column::RefreshToken), None);
        assert_eq!(open(&sealer, &sealed, TokenOwner { user: "another", ..OWNER }, Column::AccessToken), None);
        assert_eq!(open(&sealer, &sealed, TokenOwner { app_id: "another", ..OWNER }, Column::AccessToken), None);
        let other_key = ServerKey::generate(&SystemRandom).sealer();
        assert_eq!(open(&other_key, &sealed, OWNER, Column::AccessToken), None);
        for index in 0..sealed.len() {
            let mut touched = sealed.clone();
            touched[index] ^= 1;
            assert_eq!(open(&sealer, &touched, OWNER, Column::AccessToken), None, "byte {index}");
        }
    }

    #[test]
    fn an_old_key_opens_what_it_sealed() {
        let keys = [(); 3].map(|()| ServerKey::generate(&SystemRandom));
        let names = keys.each_ref().map(|key| key.sealer().key_id().to_owned());
        assert!(names.iter().all(|name| name.len() == 16) && names[0] != names[1], "{names:?}");
        let [current, old, lost] = keys;
        let token = SecretString::from("authusrBd65ef0c");
        let sealed = old.sealer().seal(&token, OWNER, Column::AccessToken, &SystemRandom);
        let sealers = Sealers::new(&current, &[old]);
        assert_eq!((sealers.current().key_id(), sealers.old_key_ids()), (names[0].as_str(), vec![names[1].as_str()]));
        let by_old = sealers.of(&names[1]).unwrap();
        assert_eq!(open(by_old, &sealed, OWNER, Column::AccessToken).as_deref(), Some("authusrBd65ef0c"));
        assert_eq!(sealers.of(&names[0]).map(Sealer::key_id), Some(names[0].as_str()));
        assert!(sealers.of(lost.sealer().key_id()).is_none());
    }

    /// Returns what is logged within the span of a user's request.
    fn logged_by(marks: &UserMarks, user: i64) -> String {
        let (sender, receiver) = std::sync::mpsc::channel();
        let written = move || Lines(sender.clone());
        let subscriber = tracing_subscriber::fmt().with_ansi(false).without_time().with_writer(written).finish();
        tracing::subscriber::with_default(subscriber, || {
            let _request = tracing::info_span!("request", user = tracing::field::Empty).entered();
            marks.note(SubjectId::from_stored(user));
            tracing::info!("answered");
        });
        receiver.try_iter().collect()
    }

    struct Lines(std::sync::mpsc::Sender<String>);

    impl std::io::Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.send(String::from_utf8_lossy(bytes).into_owned()).unwrap();
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn the_log_tells_users_apart_by_marks_which_only_the_key_can_make() {
        let marks = ServerKey::generate(&SystemRandom).user_marks();
        let other_key = ServerKey::generate(&SystemRandom).user_marks();
        let [log, again, other_user, by_other_key] =
            [(&marks, 7), (&marks, 7), (&marks, 8), (&other_key, 7)].map(|(marks, user)| logged_by(marks, user));
        let mark = log.split("user=\"").nth(1).unwrap().split('"').next().unwrap();
        assert!(mark.len() == 16 && mark.bytes().all(|byte| byte.is_ascii_hexdigit()), "{log}");
        assert!(again.contains(mark) && !other_user.contains(mark) && !by_other_key.contains(mark), "{log}");
    }

    #[test]
    fn the_same_token_is_sealed_differently_each_time() {
        let sealer = ServerKey::generate(&SystemRandom).sealer();
        let token = SecretString::from("authusrBd65ef0c");
        let seal = || sealer.seal(&token, OWNER, Column::AccessToken, &SystemRandom);
        assert_ne!(seal(), seal());
    }
}
