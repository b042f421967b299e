//! Numbers as the client prints nearly all of them: digits, with a point among them or without. Bytes in, the number out;
//! what is written otherwise is left to the standard library, which takes several times as long.

/// The number that `text` begins with up to a `<`, and its length; `None` if it is not of the simple kind.
///
/// It is the quotient of two integers that a float holds exactly, and so the nearest to what is written.
pub fn decimal(text: &[u8]) -> Option<(f64, usize)> {
    /// Up to here each integer is a float.
    const EXACT: u64 = 1 << 53;
    const POWERS: [f64; 16] = [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15];
    let (mut digits, mut point) = (0_u64, None);
    let mut bytes = text.iter().enumerate();
    let length = loop {
        match bytes.next()? {
            (_, digit @ b'0'..=b'9') if digits < EXACT / 10 => digits = digits * 10 + u64::from(digit - b'0'),
            (at, b'.') if point.is_none() => point = Some(at),
            (at, b'<') => break at,
            _ => return None,
        }
    };
    let before = point.unwrap_or(length);
    let decimals = point.map_or(0, |point| length - point - 1);
    let divisor = POWERS.get(decimals).filter(|_| before > 0)?;
    Some((digits as f64 / divisor, length))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::decimal;

    #[test]
    fn what_is_no_simple_number_is_left_to_others() {
        for text in
            ["<", "", "1", ".5<", "1.2.3<", "-1<", "+1<", "1e5<", " 1<", "1 <", "inf<", "nan<", "9999999999999999<"]
        {
            assert_eq!(decimal(text.as_bytes()), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn it_is_what_the_standard_library_reads(text in "[0-9]{1,18}(\\.[0-9]{0,18})?") {
            if let Some((number, length)) = decimal(format!("{text}</x>").as_bytes()) {
                prop_assert_eq!(number.to_bits(), text.parse::<f64>().unwrap().to_bits());
                prop_assert_eq!(length, text.len());
            } else {
                prop_assert!(text.len() > 15, "{} is simple", text);
            }
        }

        #[test]
        fn times_and_amounts_are_simple(seconds in 0_u64..4_000_000_000, millionths in 0_u64..1_000_000) {
            let text = format!("{seconds}.{millionths:06}");
            let found = decimal(format!("{text}</x>").as_bytes());
            prop_assert_eq!(found.map(|(number, _)| number.to_bits()), Some(text.parse::<f64>().unwrap().to_bits()));
        }
    }
}
