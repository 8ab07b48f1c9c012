use miniauth_core::{consent::{Panel, Purpose}, tap::TapProof};

fn ask(tap: TapProof, purpose: Purpose) {
    let _ = Panel::new(tap, purpose.clone());
    let _ = Panel::new(tap, purpose);
}

fn main() {}
