//! A batch comes in: whole or in parts, once or again.

use openssl::sha::sha256;

use super::*;
use crate::on_both_databases;

on_both_databases! {
    the_same_bytes_are_the_same_batch_and_other_bytes_are_refused
    parts_come_in_order_and_may_come_again
    a_list_of_other_digests_does_not_close_a_batch
    a_batch_in_parts_equals_the_same_file_in_one_message
    a_batch_of_another_administrator_is_unknown
}

#[track_caller]
fn refused<T>(result: Result<T, brama::problem::Problem>, code: Code) {
    assert_eq!(result.err().map(|problem| problem.code), Some(code));
}

fn the_same_bytes_are_the_same_batch_and_other_bytes_are_refused(engine: Engine) {
    let house = House::new(engine);
    let bytes = file("A-1", "rodzaj=\"przyrostowa\"", &batches::written(0, 3));
    let first = house.hand_over("A-1", &bytes);
    assert_eq!(first.state, BatchState::Accepted);
    assert_eq!(house.hand_over("A-1", &bytes).id, first.id);
    let done = house.load(first, &|| true).expect("a verdict");
    let again = house.hand_over("A-1", &bytes);
    assert_eq!((again.id, again.state), (done.id, BatchState::Done));
    let other = [&bytes[..], b"\n"].concat();
    refused(receive::hand_over(house.tenant.batches(), &new("A-1"), &other, Utc::now()), Code::RepeatDiffers);
}

fn parts_come_in_order_and_may_come_again(engine: Engine) {
    let house = House::new(engine);
    let batches = house.tenant.batches();
    let batch = receive::begin(batches, &new("B-1")).expect("begun");
    assert_eq!((batch.state, batch.last_part), (BatchState::Begun, 0));
    refused(receive::part(batches, batch.id, 2, &b"x".to_vec()), Code::PartInvalid);
    refused(receive::part(batches, batch.id, 0, &b"x".to_vec()), Code::PartInvalid);
    refused(receive::part(batches, batch.id, 1, &b"".to_vec()), Code::PartInvalid);
    refused(receive::part(batches, batch.id, 1, &vec![b'x'; (4 << 20) + 1]), Code::PartInvalid);
    assert_eq!(receive::part(batches, batch.id, 1, &b"jeden".to_vec()).expect("stored"), 1);
    assert_eq!(receive::part(batches, batch.id, 2, &b"dwa".to_vec()).expect("stored"), 2);
    assert_eq!(receive::part(batches, batch.id, 1, &b"jeden".to_vec()).expect("stored before"), 2);
    refused(receive::part(batches, batch.id, 1, &b"inne".to_vec()), Code::PartInvalid);
    let resumed = receive::begin(batches, &new("B-1")).expect("found");
    assert_eq!((resumed.id, resumed.last_part), (batch.id, 2));

    let digests = [(1, sha256(b"jeden")), (2, sha256(b"dwa"))];
    let closed = receive::close(batches, batch.id, &digests, &sender(), Utc::now()).expect("closed");
    assert_eq!(closed.state, BatchState::Accepted);
    assert_eq!(receive::close(batches, batch.id, &digests, &sender(), Utc::now()).expect("again").id, batch.id);
    refused(receive::part(batches, batch.id, 3, &b"x".to_vec()), Code::BatchClosed);
    refused(receive::part(batches, Uuid::new_v4(), 1, &b"x".to_vec()), Code::BatchUnknown);
}

fn a_list_of_other_digests_does_not_close_a_batch(engine: Engine) {
    let house = House::new(engine);
    let batches = house.tenant.batches();
    let batch = receive::begin(batches, &new("C-1")).expect("begun");
    receive::part(batches, batch.id, 1, &b"jeden".to_vec()).expect("stored");
    let good = sha256(b"jeden");
    for list in [vec![], vec![(1, sha256(b"inne"))], vec![(2, good)], vec![(1, good), (2, good)]] {
        refused(receive::close(batches, batch.id, &list, &sender(), Utc::now()), Code::PartInvalid);
    }
    assert!(receive::close(batches, batch.id, &[(1, good)], &sender(), Utc::now()).is_ok());
}

fn a_batch_in_parts_equals_the_same_file_in_one_message(engine: Engine) {
    let house = House::new(engine);
    let batches = house.tenant.batches();
    let bytes = file("D-1", "rodzaj=\"przyrostowa\"", &batches::written(0, 20));
    let batch = receive::begin(batches, &new("D-1")).expect("begun");
    refused(receive::hand_over(batches, &new("D-1"), &bytes, Utc::now()), Code::RepeatDiffers);
    let mut digests = Vec::new();
    for (number, part) in (1..).zip(bytes.chunks(777)) {
        receive::part(batches, batch.id, number, &part.to_vec()).expect("stored");
        digests.push((number, sha256(part)));
    }
    let closed = receive::close(batches, batch.id, &digests, &sender(), Utc::now()).expect("closed");
    assert_eq!(house.hand_over("D-1", &bytes).id, batch.id);
    let done = house.load(closed, &|| true).expect("a verdict");
    assert_eq!((done.state, done.summary.written), (BatchState::Done, 20));
    assert_eq!(
        receive::close(batches, batch.id, &digests, &sender(), Utc::now()).expect("again").state,
        BatchState::Done
    );
}

fn a_batch_of_another_administrator_is_unknown(engine: Engine) {
    let house = House::new(engine);
    let batch = house.hand_over("E-1", &file("E-1", "rodzaj=\"przyrostowa\"", &batches::written(0, 1)));
    let url = house.place.tenant_url("PUP-BUSKO");
    house.stores.add_tenant("PUP-BUSKO", "Powiatowy Urząd Pracy", url.as_deref()).expect("another administrator");
    let other = house.stores.tenant("PUP-BUSKO").expect("opened");
    refused(receive::find(other.batches(), batch.id), Code::BatchUnknown);
}
