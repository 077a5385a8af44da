;; CRC-32 (IEEE 802.3, reflected) over a piece of the exported memory.
;; The caller writes its bytes at any offset, then calls `crc32` with offset and length.
(module
  (memory (export "memory") 1 16)

  ;; One byte into the running remainder, bit by bit: small code, no table to set up.
  (func $step (param $crc i32) (param $byte i32) (result i32)
    (local $bit i32)
    (local.set $crc (i32.xor (local.get $crc) (local.get $byte)))
    (loop $bits
      (local.set $crc
        (i32.xor
          (i32.shr_u (local.get $crc) (i32.const 1))
          (i32.and
            (i32.const 0xEDB88320)
            (i32.sub (i32.const 0) (i32.and (local.get $crc) (i32.const 1))))))
      (local.set $bit (i32.add (local.get $bit) (i32.const 1)))
      (br_if $bits (i32.lt_u (local.get $bit) (i32.const 8))))
    (local.get $crc))

  (func (export "crc32") (param $offset i32) (param $length i32) (result i32)
    (local $crc i32)
    (local $end i32)
    (local.set $crc (i32.const -1))
    (local.set $end (i32.add (local.get $offset) (local.get $length)))
    (block $done
      (loop $bytes
        (br_if $done (i32.ge_u (local.get $offset) (local.get $end)))
        (local.set $crc
          (call $step (local.get $crc) (i32.load8_u (local.get $offset))))
        (local.set $offset (i32.add (local.get $offset) (i32.const 1)))
        (br $bytes)))
    (i32.xor (local.get $crc) (i32.const -1))))
