//! What stands for a user in the log: a user id is personal.

use aws_lc_rs::hmac;

/// Makes marks: the same for the same user as long as the server's key stays, and to nobody without the key a way back.
#[derive(Clone)]
pub(crate) struct UserMarks(hmac::Key);

impl UserMarks {
    pub(super) fn new(key: hmac::Key) -> Self {
        Self(key)
    }

    /// Puts the mark of a user on the log lines of the present request.
    pub(crate) fn note(&self, app_id: &str, subject: &str) {
        let span = tracing::Span::current();
        // Nobody asked in a team's own handler, and each request with a session would pay for it.
        if !span.has_field("user") {
            return;
        }
        let mut context = hmac::Context::with_key(&self.0);
        context.update(&(app_id.len() as u64).to_be_bytes());
        context.update(app_id.as_bytes());
        context.update(subject.as_bytes());
        if let Some(beginning) = context.sign().as_ref().first_chunk() {
            span.record("user", format!("{:016x}", u64::from_be_bytes(*beginning)));
        }
    }
}
