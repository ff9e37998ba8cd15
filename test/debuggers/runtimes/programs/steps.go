package main

import (
	"fmt"
	"os"
	"time"
)

type pair struct {
	a int32
	b string
}

var counters [1024]int64
var table [4]pair
var ticks int64

func fill(buffer []byte, value byte) {
	for i := range buffer {
		buffer[i] = value
	}
}

func work(round int) int {
	counters[0] += int64(round)
	counters[1000] = int64(round) * 2
	table[2] = pair{a: int32(round), b: "two"}
	buffer := make([]byte, 3*4096)
	fill(buffer, byte(round))
	sum := int(counters[1000]) + int(table[2].a) + int(buffer[4097])
	return sum
}

func main() {
	done := make(chan int)
	go func() {
		for i := 0; i < 20; i++ {
			time.Sleep(time.Millisecond)
			ticks++
		}
		done <- 1
	}()
	if len(os.Args) > 1 {
		fmt.Println("ready")
		var line string
		fmt.Scanln(&line)
	}
	sum := 0
	for round := 1; round <= 3; round++ {
		sum += work(round)
	}
	<-done
	fmt.Println("sum", sum, ticks)
}
