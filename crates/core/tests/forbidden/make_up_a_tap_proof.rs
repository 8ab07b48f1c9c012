use miniauth_core::tap::{TapKind, TapProof};

fn main() {
    let _ = TapProof { kind: TapKind::Tap };
}
