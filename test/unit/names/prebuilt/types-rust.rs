#![no_std]
#[panic_handler]
fn panic(_: &core::panic::PanicInfo) -> ! { loop {} }
pub struct Node { pub value: i64, pub next: Option<&'static Node> }
pub enum Shape { Dot, Circle(f32) }
#[no_mangle] pub static mut COUNTERS: [u32; 8] = [1; 8];
pub static mut NODE: Node = Node { value: 1, next: None };
pub static mut PAIR: (u8, f64) = (1, 2.0);
pub static mut FLAG: bool = true;
pub static mut SHAPE: Shape = Shape::Circle(1.0);
#[no_mangle] pub extern "C" fn work(i: usize) -> i64 { unsafe { COUNTERS[i] += 1; NODE.value += 1; PAIR.0 += 1; FLAG = !FLAG; SHAPE = Shape::Dot; NODE.value } }
