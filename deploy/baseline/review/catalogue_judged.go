package review

import (
	"strings"

	"github.com/sgwarden/sgwarden/deploy/baseline/advice"
	"github.com/sgwarden/sgwarden/deploy/baseline/page"
)

// kindsInJapanese are the kinds of advice, by their ids. English has what package advice
// says of the rule itself.
var kindsInJapanese = map[string]string{
	"world":                   "すべての送信元 (または送信先) に開放されています (TCP 80 と 443 を除く)。必要なアドレスに限定してください。",
	"wide-ports":              "100 を超える TCP または UDP ポートの範囲です。必要なポートに限定してください。",
	"all-protocols":           "すべてのプロトコルを許可しています。必要なプロトコルに限定してください。",
	"database-from-address":   "データベースのポートをアドレスから許可しています。送信元をセキュリティグループにしてください。",
	"address-for-group":       "同じポートの他のルールはセキュリティグループを指定しています。このプライベートアドレスもグループで指定してください。",
	"open-egress-data-tier":   "データベース専用のグループから、すべての送信先への通信を許可しています。送信先を限定してください。",
	"exception-reason":        "例外に理由または承認者の記載がありません。",
	"exception-too-long":      "例外の有効期限が 30 日より先です。期限を短くするか、通常のエントリとして審査してください。",
	"redundant":               "他のエントリですでに許可されています。削除できます。",
	"not-guarded":             "一覧のない方向は監視の対象外です。ルールを許可しない場合は、空の一覧を記載してください。",
	"prefix-list":             "プレフィックスリストの ID のみが承認されています。エントリの変更は監視されません。",
	"no-traffic":              "対象期間に通信が記録されていません。",
	"narrower-than-permitted": "記録された通信より広い範囲を許可しています。",
}

// adviceCell writes a suggestion. Japanese has its kind, and its detail in English below.
func adviceCell(w page.Language, h advice.Hint) page.Cell {
	if kind, known := kindsInJapanese[h.ID]; known && w.Lang == page.Japanese {
		return page.Cell{Text: kind, Note: h.Text}
	}
	return page.Cell{Text: h.Text, Note: h.ID}
}

// remarksInJapanese are the remarks of the command on the whole review, by what they begin with and hold.
var remarksInJapanese = []struct{ begins, holds, text string }{
	{"the functions' log is kept for ", "", "関数のログの保持期間が対象期間より短いため、それより前に元に戻した変更は記載されていません。"},
	{"not read: who approved what", "", "権限 (ssm:GetParameterHistory) がないため、承認者を読み取れませんでした。"},
	{"who wrote the baselines is not known", "", "権限 (ssm:DescribeParameters) がないため、ベースラインの作成者を読み取れませんでした。"},
	{"the file ", "its commits are not told", "使用できないベースラインファイルがあるため、そのコミットは記載していません。"},
	{"the file ", "neither a baseline nor a group here", "このアカウントとリージョンにベースラインもグループも存在しないファイルがあります。"},
	{"the commits of ", "", "git から読み取れないファイルがあるため、そのコミットは記載していません。"},
	{"there is no stack ", "", "スタックが見つからないため、元に戻した変更を読み取れませんでした。"},
	{"the log groups are not known", "", "ロググループが不明なため、元に戻した変更を読み取れませんでした。"},
	{"the stack ", "has no outputs", "スタックの出力にロググループがないため、元に戻した変更を読み取れませんでした。"},
	{"these credentials may not query the log groups", "", "ロググループを検索する権限がないため、元に戻した変更を読み取れませんでした。"},
	{"query the log groups ", "", "ロググループを検索できなかったため、元に戻した変更を読み取れませんでした。"},
	{"the picture is told in words", "", "図を描画できなかったため、内容を文章で示します。"},
	{"this build of the command can't lay out pictures", "", "このビルドでは図を描画できないため、内容を文章で示します。"},
}

// remarkText writes a remark. Japanese has the remark in English behind it.
func (w writer) remarkText(remark string) string {
	if w.Lang != page.Japanese {
		return remark
	}
	for _, r := range remarksInJapanese {
		if strings.HasPrefix(remark, r.begins) && strings.Contains(remark, r.holds) {
			return w.T("quote", r.text, remark)
		}
	}
	return remark
}

// outcomesInJapanese are what enforcement would do about a rule, as package compare says
// it before a colon.
var outcomesInJapanese = map[string]string{
	"would be revoked":                             "削除の対象",
	"would be removed":                             "削除の対象",
	"would be reported (mode alert)":               "通知のみ (alert モード)",
	"would be reported, never revoked":             "通知のみ (削除はしない)",
	"missing":                                      "承認済みのルールが存在しない",
	"live only within a rule that isn't permitted": "承認されていないルールに含まれる形でのみ存在",
}

// saysCell says what a difference means. Japanese says what would be done, and why in
// English below.
func saysCell(w page.Language, says string) page.Cell {
	outcome, _, _ := strings.Cut(says, ": ")
	switch text, known := outcomesInJapanese[outcome]; {
	case w.Lang == page.Japanese && known:
		return page.Cell{Text: text, Note: says}
	case w.Lang == page.Japanese && strings.HasPrefix(says, "permitted until "):
		return page.Cell{Text: "猶予期間の終了後に削除の対象", Note: says}
	}
	return page.Text(says)
}
