use miniauth_core::{consent::Consent, purpose::Purpose, tap::TapProof};

fn ask(consent: &mut Consent, tap: TapProof, purpose: Purpose) {
    let _ = consent.request(tap, purpose.clone());
    let _ = consent.request(tap, purpose);
}

fn main() {}
