package page

// own are the texts of the frame and of the parts.
var own = Catalogue{
	"skip":     {EN: "Skip to the content", JA: "本文へ移動"},
	"contents": {EN: "Contents", JA: "目次"},
	"summary":  {EN: "Summary", JA: "概要"},
	"made":     {EN: "Made by %s on %s.", JA: "%[2]s に %[1]s が作成しました。"},
	"made-on":  {EN: "Made on %s.", JA: "%s に作成しました。"},
	"alone":    {EN: "This file needs no network. All times are UTC.", JA: "このファイルはネットワークを必要としません。時刻はすべて UTC です。"},
	"bytes":    {EN: "%s bytes", One: "%s byte", JA: "%s バイト"},

	"search":   {EN: "Search this table", JA: "この表を検索"},
	"shown":    {EN: "{shown} of {all} rows", JA: "{all} 行中 {shown} 行"},
	"copy":     {EN: "Copy", JA: "コピー"},
	"copied":   {EN: "Copied", JA: "コピーしました"},
	"selected": {EN: "Selected: press Ctrl+C", JA: "選択しました: Ctrl+C を押してください"},

	"critical": {EN: "critical", JA: "緊急"},
	"high":     {EN: "high", JA: "高"},
	"medium":   {EN: "medium", JA: "中"},
	"low":      {EN: "low", JA: "低"},
	"none":     {EN: "none", JA: "なし"},
	"note":     {EN: "Note", JA: "注意"},
}
