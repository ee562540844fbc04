//! The examples of RFC 7541's appendix C, and blocks that are none.

use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};

use super::{DecodeError, Decoder, Encoder, Field};

fn bytes(hex: &str) -> Vec<u8> {
    let digits: Vec<u8> = hex.bytes().filter(u8::is_ascii_hexdigit).collect();
    let (pairs, _) = digits.as_chunks::<2>();
    pairs
        .iter()
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).expect("ASCII"), 16).expect("hex"))
        .collect()
}

fn shown(field: &Field) -> String {
    match field {
        Field::Method(method) => format!(":method: {method}"),
        Field::Scheme(scheme) => format!(":scheme: {scheme}"),
        Field::Authority(authority) => format!(":authority: {authority}"),
        Field::Path(path) => format!(":path: {path}"),
        Field::Header(name, value) => format!("{name}: {}", value.to_str().expect("text")),
        Field::Malformed => "malformed".to_owned(),
    }
}

fn read(decoder: &mut Decoder, block: &[u8]) -> Result<Vec<String>, DecodeError> {
    let mut fields = Vec::new();
    decoder.decode(block, |field, _| {
        fields.push(shown(field));
        true
    })?;
    Ok(fields)
}

/// Reads one block after the other; each with the table's bytes then.
fn check(blocks: &[(&str, &[&str], usize)]) {
    let mut decoder = Decoder::new();
    for (block, fields, table_bytes) in blocks {
        assert_eq!(read(&mut decoder, &bytes(block)).expect("a block"), *fields, "{block}");
        assert_eq!(decoder.table_bytes(), *table_bytes, "{block}");
    }
}

#[test]
fn literal_fields() {
    // C.2.1 to C.2.4, each alone.
    check(&[(
        "400a 6375 7374 6f6d 2d6b 6579 0d63 7573 746f 6d2d 6865 6164 6572",
        &["custom-key: custom-header"],
        55,
    )]);
    check(&[("040c 2f73 616d 706c 652f 7061 7468", &[":path: /sample/path"], 0)]);
    check(&[("1008 7061 7373 776f 7264 0673 6563 7265 74", &["password: secret"], 0)]);
    check(&[("82", &[":method: GET"], 0)]);
}

const FIRST: &[&str] = &[":method: GET", ":scheme: http", ":path: /", ":authority: www.example.com"];
const SECOND: &[&str] =
    &[":method: GET", ":scheme: http", ":path: /", ":authority: www.example.com", "cache-control: no-cache"];
const THIRD: &[&str] = &[
    ":method: GET",
    ":scheme: https",
    ":path: /index.html",
    ":authority: www.example.com",
    "custom-key: custom-value",
];

#[test]
fn requests_without_and_with_the_huffman_code() {
    // C.3.
    check(&[
        ("8286 8441 0f77 7777 2e65 7861 6d70 6c65 2e63 6f6d", FIRST, 57),
        ("8286 84be 5808 6e6f 2d63 6163 6865", SECOND, 110),
        ("8287 85bf 400a 6375 7374 6f6d 2d6b 6579 0c63 7573 746f 6d2d 7661 6c75 65", THIRD, 164),
    ]);
    // C.4.
    check(&[
        ("8286 8441 8cf1 e3c2 e5f2 3a6b a0ab 90f4 ff", FIRST, 57),
        ("8286 84be 5886 a8eb 1064 9cbf", SECOND, 110),
        ("8287 85bf 4088 25a8 49e9 5ba9 7d7f 8925 a849 e95b b8e8 b4bf", THIRD, 164),
    ]);
}

#[test]
fn what_has_no_room_goes() {
    // C.5, of responses: their status is no field of a request. The table has 256 bytes.
    let mut decoder = Decoder::new();
    let first = "3fe101 4803 3330 3258 0770 7269 7661 7465 611d 4d6f 6e2c 2032 3120 4f63 7420 3230 3133 2032 303a 3133
                 3a32 3120 474d 546e 1768 7474 7073 3a2f 2f77 7777 2e65 7861 6d70 6c65 2e63 6f6d";
    let date = "date: Mon, 21 Oct 2013 20:13:21 GMT";
    let location = "location: https://www.example.com";
    let fields = ["malformed", "cache-control: private", date, location];
    assert_eq!(read(&mut decoder, &bytes(first)).expect("a block"), fields);
    assert_eq!(decoder.table_bytes(), 222);
    assert_eq!(read(&mut decoder, &bytes("4803 3330 37c1 c0bf")).expect("a block"), fields);
    assert_eq!(decoder.table_bytes(), 222);
    let third = "88c1 611d 4d6f 6e2c 2032 3120 4f63 7420 3230 3133 2032 303a 3133 3a32 3220 474d 54c0 5a04 677a 6970 7738
                 666f 6f3d 4153 444a 4b48 514b 425a 584f 5157 454f 5049 5541 5851 5745 4f49 553b 206d 6178 2d61 6765
                 3d33 3630 303b 2076 6572 7369 6f6e 3d31";
    let fields = read(&mut decoder, &bytes(third)).expect("a block");
    assert_eq!(
        fields[1..5],
        ["cache-control: private", "date: Mon, 21 Oct 2013 20:13:22 GMT", location, "content-encoding: gzip"]
    );
    assert_eq!(decoder.table_bytes(), 215);
    // An entry that is larger than the table empties it (section 4.4).
    let huge = [&[0x40, 1, b'a', 0x7f, 0xff, 0x01][..], &[b'v'; 382]].concat();
    read(&mut decoder, &huge).expect("a block");
    assert_eq!(decoder.table_bytes(), 0);
}

#[test]
fn what_is_no_field_of_a_request_is_malformed_and_the_block_goes_on() {
    let mut decoder = Decoder::new();
    // An upper-case name, a status, an unknown pseudo header, a value with a line feed; then one that is fine.
    let block =
        [&[0x40, 1, b'A', 1, b'b', 0x88, 0x00, 2, b':', b'x', 1, b'y', 0x00, 1, b'a', 1, b'\n'][..], &[0x82]]
            .concat();
    let fields = read(&mut decoder, &block).expect("a block");
    assert_eq!(fields, ["malformed", "malformed", "malformed", "malformed", ":method: GET"]);
    assert_eq!(decoder.table_bytes(), 34);
    assert_eq!(read(&mut decoder, &[0xbe]).expect("an entry"), ["malformed"]);
}

#[test]
fn broken_blocks_are_errors() {
    for block in [
        "80",                // index 0
        "be",                // an entry that is not there
        "ff80 8080 8080 01", // an index without an end
        "7f80 01",           // a name that is not there
        "40",                // cut off
        "400a 6375",         // a name that is cut off
        "0401 2f82 20",      // a change of size behind a field
        "3fe2 1f",           // a larger table than was offered
        "0482 ffff",         // a padding that is too long
    ] {
        assert_eq!(read(&mut Decoder::new(), &bytes(block)), Err(DecodeError), "{block}");
    }
    // A smaller table has to be taken note of.
    let mut decoder = Decoder::new();
    decoder.limit_table(100);
    assert_eq!(read(&mut decoder, &[0x82]), Err(DecodeError));
    let mut decoder = Decoder::new();
    decoder.limit_table(100);
    assert_eq!(read(&mut decoder, &bytes("3f45 82")).expect("it does"), [":method: GET"]);
}

fn headers(fields: &[(&'static str, &str)]) -> HeaderMap {
    let one = |(name, value): &(&'static str, &str)| {
        (HeaderName::from_static(name), HeaderValue::from_str(value).expect("a value"))
    };
    fields.iter().map(one).collect()
}

#[test]
fn what_is_repeated_is_named_by_its_index() {
    let (mut encoder, mut decoder) = (Encoder::new(), Decoder::new());
    let answers = [
        headers(&[("content-type", "application/grpc"), ("x-request-id", "1")]),
        headers(&[("content-type", "application/json"), ("vary", "origin"), ("connection", "close")]),
        headers(&[("content-type", "application/grpc"), ("x-request-id", "2")]),
        headers(&[("content-type", "application/json"), ("vary", "origin")]),
    ];
    let mut lengths = Vec::new();
    for answer in &answers {
        let mut block = Vec::new();
        encoder.head(StatusCode::OK, answer, &mut block);
        let fields = read(&mut decoder, &block).expect("a block");
        let expected = answer.iter().filter(|(name, _)| *name != "connection");
        let expected: Vec<String> =
            expected.map(|(name, value)| format!("{name}: {}", value.to_str().expect("text"))).collect();
        assert_eq!(fields[1..], expected);
        lengths.push(block.len());
    }
    assert_eq!(lengths[2..], [18, 3], "one byte for what was sent before: {lengths:?}");
}

#[test]
fn the_clients_table_is_never_filled_beyond_its_size() {
    let answer = headers(&[("content-type", "application/json"), ("grpc-status", "0")]);
    let mut encoder = Encoder::new();
    let mut decoder = Decoder::new();
    let mut before = Vec::new();
    encoder.head(StatusCode::OK, &answer, &mut before);
    read(&mut decoder, &before).expect("a block");
    // The client wants it smaller: it is told so, and what it holds is not named any more.
    for (bytes, kept) in [(70, 60), (0, 0)] {
        encoder.limit_table(bytes);
        for _ in 0..2 {
            let mut block = Vec::new();
            encoder.head(StatusCode::NOT_FOUND, &answer, &mut block);
            let fields = read(&mut decoder, &block).expect("a block");
            assert_eq!(fields[1..], ["content-type: application/json", "grpc-status: 0"]);
            assert_eq!(decoder.table_bytes(), kept);
        }
    }
    let mut encoder = Encoder::new();
    let mut decoder = Decoder::new();
    for number in 0..1000 {
        let mut block = Vec::new();
        encoder.trailers(&headers(&[("content-type", &format!("{}{number}", "x".repeat(200)))]), &mut block);
        read(&mut decoder, &block).expect("a block");
        assert!(decoder.table_bytes() <= 4096);
    }
}
