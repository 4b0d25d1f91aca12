//! A control plane's inventory: sleds in racks, and the disks in them, each found by whatever name a request has.

#![expect(
    clippy::print_stdout,
    reason = "an example prints, and knows what it has put in"
)]

use idmap::{IdMap, Indexed};

#[derive(Clone, Debug, Indexed)]
#[index(Place = (rack, slot), ord, unique)]
struct Sled {
    #[index(hash, unique)]
    id: u128,
    #[index(hash, unique)]
    serial: String,
    rack: u16,
    slot: u8,
}

#[derive(Clone, Debug, Indexed)]
#[index(Bay = (sled, bay), ord, unique)]
struct Disk {
    #[index(hash, unique)]
    serial: String,
    sled: u128,
    bay: u8,
    #[index(ord)]
    free_gib: u32,
}

fn main() {
    let mut sleds = IdMap::<Sled>::default();
    for (id, serial, rack, slot) in [
        (0xa1, "SL-7", 1, 14),
        (0xa2, "SL-3", 1, 2),
        (0xb1, "SL-9", 2, 2),
    ] {
        sleds
            .insert_unique(Sled {
                id,
                serial: serial.into(),
                rack,
                slot,
            })
            .expect("each is new");
    }
    let mut disks = IdMap::<Disk>::default();
    for (serial, sled, bay, free_gib) in [
        ("D1", 0xa1, 0, 900),
        ("D2", 0xa1, 1, 120),
        ("D3", 0xb1, 0, 400),
    ] {
        disks
            .insert_unique(Disk {
                serial: serial.into(),
                sled,
                bay,
                free_gib,
            })
            .expect("each is new");
    }

    // A rack, from the bottom up.
    let rack: Vec<_> = sleds
        .by(sled::Place)
        .starting_with(&1)
        .map(|sled| (sled.slot, &*sled.serial))
        .collect();
    println!("rack 1: {rack:?}");
    assert_eq!(rack, [(2, "SL-3"), (14, "SL-7")]);

    // From a serial number on a label to the disks behind it.
    let sled = sleds.by(sled::Serial).get("SL-7").expect("it is there");
    let in_sled: Vec<_> = disks
        .by(disk::Bay)
        .starting_with(&sled.id)
        .map(|disk| &*disk.serial)
        .collect();
    println!("disks of SL-7: {in_sled:?}");
    assert_eq!(in_sled, ["D1", "D2"]);

    // The fullest disk that still has room.
    let fullest = disks
        .by(disk::FreeGib)
        .range(200..)
        .next()
        .expect("one has room");
    println!(
        "place 200 GiB on: {} in sled {:x}",
        fullest.serial, fullest.sled
    );
    assert_eq!(fullest.serial, "D3");

    // Two sleds cannot be in one place; the error names both.
    let clash = sleds
        .insert_unique(Sled {
            id: 0xc1,
            serial: "SL-1".into(),
            rack: 2,
            slot: 2,
        })
        .expect_err("taken");
    println!(
        "{} cannot go where {} is",
        clash.new_item().serial,
        clash.duplicates()[0].serial
    );
    assert_eq!(clash.duplicates()[0].serial, "SL-9");

    // A move changes a key; a move to a place that is taken changes nothing.
    let handle = sleds.by(sled::Id).handle(&0xa1).expect("it is there");
    let moved = sleds
        .update_by_handle(handle, |sled| sled.rack = 2)
        .expect("it is there")
        .is_ok();
    let taken = sleds
        .update_by_handle(handle, |sled| sled.slot = 2)
        .expect("it is there")
        .is_err();
    let rack: Vec<_> = sleds
        .by(sled::Place)
        .starting_with(&2)
        .map(|sled| (sled.slot, &*sled.serial))
        .collect();
    println!("rack 2 after the move: {rack:?}");
    assert!(moved && taken);
    assert_eq!(rack, [(2, "SL-9"), (14, "SL-7")]);
}
