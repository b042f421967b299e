//! Certificates for one test: an authority, a server, clients.

use std::fs;
use std::path::Path;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, ExtendedKeyUsagePurpose, IsCa, KeyPair};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

/// An authority.
pub struct Authority(CertifiedIssuer<'static, KeyPair>);

/// A certificate and its key.
pub struct Certified {
    pub certificate: rcgen::Certificate,
    pub key: KeyPair,
}

impl Authority {
    pub fn new() -> Self {
        let mut params = CertificateParams::new([]).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    pub fn pem(&self) -> String {
        self.0.pem()
    }

    pub fn der(&self) -> CertificateDer<'static> {
        self.0.der().clone()
    }

    /// A certificate of `localhost` that ends with this year.
    pub fn sign(&self, last_year: i32) -> Certified {
        let mut params = CertificateParams::new(["localhost".to_owned()]).unwrap();
        params.not_before = rcgen::date_time_ymd(2000, 1, 1);
        params.not_after = rcgen::date_time_ymd(last_year, 12, 31);
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth, ExtendedKeyUsagePurpose::ClientAuth];
        let key = KeyPair::generate().unwrap();
        Certified { certificate: params.signed_by(&key, &self.0).unwrap(), key }
    }
}

impl Certified {
    /// Puts `NAME.pem` and `NAME.key` in place, each at one stroke.
    pub fn write(&self, folder: &Path, name: &str) {
        for (end, text) in [("key", self.key.serialize_pem()), ("pem", self.certificate.pem())] {
            replace(&folder.join(format!("{name}.{end}")), &text);
        }
    }

    pub fn chain(&self) -> Vec<CertificateDer<'static>> {
        vec![self.certificate.der().clone()]
    }

    pub fn private_key(&self) -> PrivateKeyDer<'static> {
        PrivateKeyDer::try_from(self.key.serialize_der()).unwrap()
    }
}

/// Writes a file as a whole.
pub fn replace(file: &Path, text: &str) {
    let part = file.with_extension("part");
    fs::write(&part, text).unwrap();
    fs::rename(part, file).unwrap();
}
