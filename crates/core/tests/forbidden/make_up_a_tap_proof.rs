use miniauth_core::tap::TapProof;

fn main() {
    let _ = TapProof(());
}
