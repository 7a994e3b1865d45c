//! What a field holds: padding, and a number or a text.

/// A byte says how many there are.
const MOST_DECIMALS: usize = 255;

/// How content and padding make a field.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum Style {
    /// A number behind spaces.
    Right = 0,
    /// The same, printed from a binary64 with more digits than it takes to tell that.
    Printed = 1,
    RightText = 2,
    Left = 3,
    LeftText = 4,
    /// A text before zero bytes.
    ZeroText = 5,
}

impl Style {
    pub fn of(byte: u8) -> Option<Style> {
        use Style::*;
        [Right, Printed, RightText, Left, LeftText, ZeroText].get(byte as usize).copied()
    }

    pub fn is_number(self) -> bool {
        matches!(self, Style::Right | Style::Printed | Style::Left)
    }

    /// Fills a field; the content fits.
    pub fn fill(self, field: &mut [u8], content: &[u8]) {
        field.fill(if self == Style::ZeroText { 0 } else { b' ' });
        let right = matches!(self, Style::Right | Style::Printed | Style::RightText);
        let at = if right { field.len() - content.len() } else { 0 };
        field[at..at + content.len()].copy_from_slice(content);
    }
}

/// A field's content: with [`Style::Printed`] the shortest text of the number, and how many decimals were printed.
#[derive(Clone, PartialEq, Debug)]
pub struct Content {
    pub style: Style,
    pub text: Vec<u8>,
    pub decimals: usize,
}

/// Takes a field apart. `numeric`: whether its content should stand on the right.
pub fn analyse(field: &[u8], numeric: bool) -> Content {
    let content = |style: Style, text: &[u8]| Content { style, text: text.to_vec(), decimals: 0 };
    let front = field.iter().take_while(|&&byte| byte == b' ').count();
    let spaces = field.iter().rev().take_while(|&&byte| byte == b' ').count();
    let zeros = field.iter().rev().take_while(|&&byte| byte == 0).count();
    if zeros > 0 {
        return content(Style::ZeroText, &field[..field.len() - zeros]);
    }
    if spaces == 0 && (front > 0 || numeric) {
        let text = &field[front..];
        if !is_number(text) {
            return content(Style::RightText, text);
        }
        return match shortened(text) {
            Some((text, decimals)) => Content { style: Style::Printed, text, decimals },
            None => content(Style::Right, text),
        };
    }
    let text = &field[..field.len() - spaces];
    if is_number(text) && !text.is_empty() { content(Style::Left, text) } else { content(Style::LeftText, text) }
}

/// Digits, after a minus or not, and with a point among them or not.
fn is_number(text: &[u8]) -> bool {
    let digits = text.strip_prefix(b"-").unwrap_or(text);
    let points = digits.iter().filter(|&&byte| byte == b'.').count();
    points <= 1 && digits.iter().all(|&byte| byte == b'.' || byte.is_ascii_digit())
}

/// The shortest text of the number that was printed as `text`, and its decimals.
fn shortened(text: &[u8]) -> Option<(Vec<u8>, usize)> {
    let decimals = text.len() - 1 - text.iter().position(|&byte| byte == b'.')?;
    if decimals > MOST_DECIMALS {
        return None;
    }
    let number: f64 = std::str::from_utf8(text).ok()?.parse().ok()?;
    let short = format!("{number}").into_bytes();
    let pays = short.len() < text.len() && is_number(&short);
    (pays && printed(&short, decimals)? == text).then_some((short, decimals))
}

/// A number with so many decimals, exactly rounded.
pub fn printed(short: &[u8], decimals: usize) -> Option<Vec<u8>> {
    let number: f64 = std::str::from_utf8(short).ok()?.parse().ok()?;
    number.is_finite().then(|| format!("{number:.decimals$}").into_bytes())
}

/// The text that counts `step` on from a text that ends with digits.
pub fn counted(text: &[u8], step: i64) -> Option<Vec<u8>> {
    let (front, value, width) = number_at_end(text)?;
    let next = value.checked_add(step).filter(|&next| next >= 0)?;
    let mut out = text[..front].to_vec();
    let zeros = text[front] == b'0';
    out.extend(if zeros { format!("{next:0width$}") } else { format!("{next}") }.into_bytes());
    Some(out)
}

/// How far a text that ends with digits is from another with the same front.
pub fn distance(text: &[u8], last: &[u8]) -> Option<i64> {
    let (front, value, _) = number_at_end(text)?;
    let (last_front, before, _) = number_at_end(last)?;
    (text[..front] == last[..last_front]).then(|| value - before)
}

/// Where the digits at the end begin, their value and number.
fn number_at_end(text: &[u8]) -> Option<(usize, i64, usize)> {
    let width = text.iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
    if width == 0 || width > 17 {
        return None;
    }
    let front = text.len() - width;
    let value = text[front..].iter().fold(0i64, |value, &digit| value * 10 + (digit - b'0') as i64);
    Some((front, value, width))
}
